import type { Selection } from "./chosen.js";
import type { Rule } from "./rule.js";

/** How long a rule holds what it acts on. */
export interface Holding {
  readonly delayMs?: number | undefined;
  readonly jitterMs?: number | undefined;
  /** What is delayed: the request on its way to the upstream, or the answer on its way back. */
  readonly before?: "request" | "answer" | undefined;
}

/** What rules want done to one request: how long they hold it, and which of them have acted. */
export class HoldingDeed<Spec extends Selection & Holding, Request> {
  /** Before the request goes on. */
  delayMs = 0;
  /** Before the answer goes back. */
  answerDelayMs = 0;
  readonly #delaysAnswer: Rule<Spec, Request>[] = [];
  readonly #acted = new Set<Rule<Spec, Request>>();

  /** Delays add up. */
  hold(rule: Rule<Spec, Request>): void {
    const { delayMs, jitterMs = 0, before = "request" } = rule.spec;
    if (delayMs === undefined) return;
    const ms = Math.max(0, delayMs + (2 * rule.random() - 1) * jitterMs);
    // Held for no time is not held.
    if (ms > 0 && before === "answer") {
      this.answerDelayMs += ms;
      this.#delaysAnswer.push(rule);
    } else if (ms > 0) {
      this.delayMs += ms;
      this.acted(rule);
    }
  }

  /** Counted once for each request. */
  acted(rule: Rule<Spec, Request>): void {
    if (this.#acted.has(rule)) return;
    this.#acted.add(rule);
    rule.acted();
  }

  answerDelayed(): void {
    for (const rule of this.#delaysAnswer) this.acted(rule);
  }

  /** Something was done. */
  get hasActed(): boolean {
    return this.#acted.size > 0;
  }
}
