import type { HttpRule } from "../../../http-rule.js";
import type { RequestHead } from "../message/request-head.js";
import { Deed } from "./deed.js";
import { Rule, type RuleTally } from "./rule.js";

/** The rules of one gateway, in the order in which requests meet them. */
export class Rules {
  readonly #seed: number;
  #made = 0;
  #rules: readonly Rule[] = [];

  constructor(seed: number) {
    this.#seed = seed;
  }

  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }

  /** Those that are there already stay, with all that they have counted. @returns those that are gone. */
  replaceBy(specs: readonly HttpRule[]): readonly RuleTally[] {
    const old = [...this.#rules];
    this.#rules = specs.map((spec) => {
      const key = JSON.stringify(spec);
      const at = old.findIndex((rule) => rule.key === key);
      const [same] = at < 0 ? [] : old.splice(at, 1);
      return same ?? new Rule(spec, this.#seed, ++this.#made);
    });
    return old.map(({ tally }) => tally);
  }

  /**
   * What is done to a request. Once a rule gives an answer in place of the upstream's, later ones do not see it.
   * @returns null when it is to pass untouched.
   */
  deedFor(request: RequestHead, nowMs: number): Deed | null {
    let deed: Deed | null = null;
    for (const rule of this.#rules) {
      if (!rule.takes(request, nowMs)) continue;
      deed ??= new Deed();
      deed.add(rule);
      if (deed.own) break;
    }
    return deed;
  }

  get tallies(): readonly RuleTally[] {
    return this.#rules.map(({ tally }) => tally);
  }
}
