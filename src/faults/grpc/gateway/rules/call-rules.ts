import { fieldOf, type HeaderList } from "../../../between/h2-relay/frames/relayed-blocks.js";
import { globbed } from "../../../between/rules/glob.js";
import type { WantedRequest } from "../../../between/rules/rule.js";
import { RuleSet } from "../../../between/rules/rule-set.js";
import type { GrpcRule } from "../../../kinds/grpc/grpc-rule.js";
import { CallDeed } from "./call-deed.js";

/** The rules of one gateway, in the order in which calls meet them. */
export type CallRules = RuleSet<GrpcRule, HeaderList, CallDeed>;

export function newCallRules(seed: number): CallRules {
  return new RuleSet(seed, wantedCalls, () => new CallDeed());
}

/** Whether a call is one that the rule is for. */
function wantedCalls({ method, metadata }: GrpcRule): WantedRequest<HeaderList> {
  const conditions: WantedRequest<HeaderList>[] = [];
  if (method !== undefined) {
    const fits = globbed(method);
    conditions.push((head) => fits(methodOf(head)));
  }
  for (const [name, value] of Object.entries(metadata ?? {})) {
    const fits = globbed(value);
    const key = name.toLowerCase();
    conditions.push(({ fields }) =>
      fields.some((field, at) => at % 2 === 0 && field === key && fits(fields[at + 1]!)),
    );
  }
  return (head) => conditions.every((holds) => holds(head));
}

/** "shop.Quotes/Get" */
export function methodOf(head: HeaderList): string {
  return (fieldOf(head, ":path") ?? "").replace(/^\//, "");
}
