import type { HeaderList } from "../../../between/h2-relay/frames/relayed-blocks.js";
import { HoldingDeed } from "../../../between/rules/holding-deed.js";
import type { Rule } from "../../../between/rules/rule.js";
import type { GrpcRule } from "../../../kinds/grpc/grpc-rule.js";

export type CallRule = Rule<GrpcRule, HeaderList>;

/** What the rules want done to one call and its answer. */
export class CallDeed extends HoldingDeed<GrpcRule, HeaderList> {
  /** The rule whose status is given in place of the upstream's answer. */
  own: CallRule | null = null;
  /** So many messages of the answer pass. */
  cut: { readonly rule: CallRule; readonly after: number } | null = null;

  /** Adds what a rule that has chosen the call wants; what an earlier one wants stays. */
  add(rule: CallRule): void {
    const { status, cutAfter } = rule.spec;
    if (status !== undefined) this.own ??= rule;
    if (cutAfter !== undefined) this.cut ??= { rule, after: cutAfter };
    this.hold(rule, this.own !== rule && this.cut?.rule !== rule);
  }

  /** What rules wanted that were taken away is not done any more. */
  override dropGone(): void {
    super.dropGone();
    if (this.own?.isInPlace === false) this.own = null;
    if (this.cut?.rule.isInPlace === false) this.cut = null;
  }
}
