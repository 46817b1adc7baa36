import { RuleSet } from "../../../between/rules/rule-set.js";
import type { HttpRule } from "../../../http-rule.js";
import { Deed } from "./deed.js";
import { type RuledRequest, wantedBy } from "./wanted.js";

/** The rules of one gateway, in the order in which requests meet them. */
export type Rules = RuleSet<HttpRule, RuledRequest, Deed>;

export function newRules(seed: number): Rules {
  return new RuleSet(seed, wantedBy, () => new Deed());
}
