import { seededStream } from "../../../support/random.js";
import type { Selection } from "./chosen.js";
import { Rule, type RuleTally, type WantedRequest } from "./rule.js";

/** What rules want done to one request. */
interface DeedOf<R> {
  /** Adds what a rule that has chosen the request wants; what an earlier one wants stays. */
  add(rule: R): void;
  /** An answer in place of the upstream's. */
  readonly own: unknown;
}

/** The rules of one gateway, in the order in which requests meet them. */
export class RuleSet<Spec extends Selection, Request, Deed extends DeedOf<Rule<Spec, Request>>> {
  readonly #seed: number;
  readonly #wantedBy: (spec: Spec) => WantedRequest<Request>;
  readonly #newDeed: () => Deed;
  #made = 0;
  #rules: readonly Rule<Spec, Request>[] = [];

  constructor(seed: number, wantedBy: (spec: Spec) => WantedRequest<Request>, newDeed: () => Deed) {
    this.#seed = seed;
    this.#wantedBy = wantedBy;
    this.#newDeed = newDeed;
  }

  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }

  /** Those that are there already stay, with all that they have counted. @returns those that are gone. */
  replaceBy(specs: readonly Spec[]): readonly RuleTally<Spec>[] {
    const old = [...this.#rules];
    this.#rules = specs.map((spec) => {
      const key = JSON.stringify(spec);
      const at = old.findIndex((rule) => rule.key === key);
      const [same] = at < 0 ? [] : old.splice(at, 1);
      // Each draws numbers of its own.
      return same ?? new Rule(spec, seededStream(this.#seed, ++this.#made), this.#wantedBy(spec));
    });
    for (const rule of old) rule.isInPlace = false;
    return old.map(({ tally }) => tally);
  }

  /**
   * What is done to a request. Once a rule gives an answer in place of the upstream's, later ones do not see it.
   * @returns null when it is to pass untouched.
   */
  deedFor(request: Request, nowMs: number): Deed | null {
    let deed: Deed | null = null;
    for (const rule of this.#rules) {
      if (!rule.takes(request, nowMs)) continue;
      deed ??= this.#newDeed();
      deed.add(rule);
      if (deed.own) break;
    }
    return deed;
  }

  get tallies(): readonly RuleTally<Spec>[] {
    return this.#rules.map(({ tally }) => tally);
  }
}
