import { HoldingDeed } from "../../../between/rules/holding-deed.js";
import type { Rule } from "../../../between/rules/rule.js";
import type { HttpRule } from "../../../http-rule.js";
import type { RuledRequest } from "./wanted.js";

type RuleInPlace = Rule<HttpRule, RuledRequest>;

/** What is given in place of the upstream's answer. */
export interface OwnAnswer {
  readonly rule: RuleInPlace;
  readonly kind: "answer" | "close" | "reset";
}

/** What the rules want done to one request and its answer. */
export class Deed extends HoldingDeed<HttpRule, RuledRequest> {
  own: OwnAnswer | null = null;
  /** What takes place of the body in the upstream's answer. */
  body: { readonly rule: RuleInPlace; readonly text: string } | null = null;
  cut: { readonly rule: RuleInPlace; readonly share: number } | null = null;
  slowHeaders: { readonly rule: RuleInPlace; readonly ms: number } | null = null;

  /** Adds what a rule that has chosen the request wants; what an earlier one wants stays. */
  add(rule: RuleInPlace): void {
    const { status, body, cut, ends, slowHeadersMs } = rule.spec;
    if (slowHeadersMs !== undefined) this.slowHeaders ??= { rule, ms: slowHeadersMs };
    if (ends !== undefined) this.own ??= { rule, kind: ends };
    else if (status !== undefined) this.own ??= { rule, kind: "answer" };
    else if (body !== undefined) this.body ??= { rule, text: body };
    if (cut !== undefined) this.cut ??= { rule, share: cut };
    const others = [this.own, this.body, this.cut, this.slowHeaders];
    this.hold(rule, !others.some((other) => other?.rule === rule));
  }

  /** What rules wanted that were taken away is not done any more. */
  override dropGone(): void {
    super.dropGone();
    if (this.body?.rule.isInPlace === false) this.body = null;
    if (this.cut?.rule.isInPlace === false) this.cut = null;
    if (this.slowHeaders?.rule.isInPlace === false) this.slowHeaders = null;
  }

  /** The upstream has not seen the request yet, and may answer it. */
  dropGoneAnswer(): void {
    if (this.own?.rule.isInPlace === false) this.own = null;
  }
}
