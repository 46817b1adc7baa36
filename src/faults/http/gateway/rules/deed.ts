import type { Rule } from "./rule.js";

/** What is given in place of the upstream's answer. */
export interface OwnAnswer {
  readonly rule: Rule;
  readonly kind: "answer" | "close" | "reset";
}

/** What the rules want done to one request and its answer. */
export class Deed {
  /** Before the request goes on. */
  delayMs = 0;
  /** Before the answer goes back. */
  answerDelayMs = 0;
  own: OwnAnswer | null = null;
  /** What takes place of the body in the upstream's answer. */
  body: { readonly rule: Rule; readonly text: string } | null = null;
  cut: { readonly rule: Rule; readonly share: number } | null = null;
  slowHeaders: { readonly rule: Rule; readonly ms: number } | null = null;
  readonly #delaysAnswer: Rule[] = [];
  readonly #acted = new Set<Rule>();

  /** Adds what a rule that has chosen the request wants; what an earlier one wants stays. */
  add(rule: Rule): void {
    const { delayMs, jitterMs = 0, before = "request", status, body, cut, ends, slowHeadersMs } = rule.spec;
    if (delayMs !== undefined) {
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
    if (slowHeadersMs !== undefined) this.slowHeaders ??= { rule, ms: slowHeadersMs };
    if (ends !== undefined) this.own ??= { rule, kind: ends };
    else if (status !== undefined) this.own ??= { rule, kind: "answer" };
    else if (body !== undefined) this.body ??= { rule, text: body };
    if (cut !== undefined) this.cut ??= { rule, share: cut };
  }

  /** Counted once for each request. */
  acted(rule: Rule): void {
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
