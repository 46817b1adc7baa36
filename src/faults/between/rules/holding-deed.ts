import type { Selection } from "./chosen.js";
import type { Rule } from "./rule.js";

/** How long a rule holds what it acts on. */
export interface Holding {
  readonly delayMs?: number | undefined;
  readonly jitterMs?: number | undefined;
  /** What is delayed: the request on its way to the upstream, or the answer on its way back. */
  readonly before?: "request" | "answer" | undefined;
}

interface Hold<Spec extends Selection, Request> {
  readonly rule: Rule<Spec, Request>;
  readonly ms: number;
  readonly before: "request" | "answer";
  /** false: its rule does something else too, and is counted by that. */
  readonly counts: boolean;
}

/** What rules want done to one request: how long they hold it, and which of them have acted. */
export class HoldingDeed<Spec extends Selection & Holding, Request> {
  /** Before the request goes on. */
  delayMs = 0;
  /** Before the answer goes back. */
  answerDelayMs = 0;
  #holds: readonly Hold<Spec, Request>[] = [];
  readonly #acted = new Set<Rule<Spec, Request>>();

  /** Delays add up. @param counts false: the rule has acted once it has done something else, too. */
  hold(rule: Rule<Spec, Request>, counts = true): void {
    const { delayMs, jitterMs = 0, before = "request" } = rule.spec;
    if (delayMs === undefined) return;
    const ms = Math.max(0, delayMs + (2 * rule.random() - 1) * jitterMs);
    // Held for no time is not held.
    if (ms === 0) return;
    this.#holds = [...this.#holds, { rule, ms, before, counts }];
    this.#addUp();
    if (counts && before === "request") this.acted(rule);
  }

  /** Counted once for each request. */
  acted(rule: Rule<Spec, Request>): void {
    if (this.#acted.has(rule)) return;
    this.#acted.add(rule);
    rule.acted();
  }

  answerDelayed(): void {
    for (const { rule, before, counts } of this.#holds) {
      if (counts && before === "answer") this.acted(rule);
    }
  }

  /** Rules that were taken away hold nothing any more. */
  dropGone(): void {
    this.#holds = this.#holds.filter(({ rule }) => rule.isInPlace);
    this.#addUp();
  }

  /** Something was done. */
  get hasActed(): boolean {
    return this.#acted.size > 0;
  }

  #addUp(): void {
    const sum = (wanted: Hold<Spec, Request>["before"]) =>
      this.#holds.reduce((ms, hold) => ms + (hold.before === wanted ? hold.ms : 0), 0);
    this.delayMs = sum("request");
    this.answerDelayMs = sum("answer");
  }
}
