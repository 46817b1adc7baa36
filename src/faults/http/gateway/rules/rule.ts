import { type Random, seededStream } from "../../../../support/random.js";
import type { HttpRule } from "../../../http-rule.js";
import type { RequestHead } from "../message/request-head.js";
import { chosenBy } from "./chosen.js";
import { wantedBy } from "./wanted.js";

/** What a rule has come to. */
export interface RuleTally {
  readonly spec: HttpRule;
  /** Requests that it is for. */
  readonly matched: number;
  /** Those of them that it chose. */
  readonly chosen: number;
  /** Those of them that it did something to: an answer without a body cannot be cut. */
  readonly acted: number;
}

/** One rule in place, and what it has done. */
export class Rule {
  readonly spec: HttpRule;
  /** Two rules with the same key are the same. */
  readonly key: string;
  readonly random: Random;
  readonly #isFor: (request: RequestHead) => boolean;
  readonly #isChosen: (nowMs: number) => boolean;
  #matched = 0;
  #chosen = 0;
  #acted = 0;

  /** @param place among the rules of a run: each draws numbers of its own. */
  constructor(spec: HttpRule, seed: number, place: number) {
    this.spec = spec;
    this.key = JSON.stringify(spec);
    this.random = seededStream(seed, place);
    this.#isFor = wantedBy(spec);
    this.#isChosen = chosenBy(spec, this.random);
  }

  takes(request: RequestHead, nowMs: number): boolean {
    if (!this.#isFor(request)) return false;
    this.#matched++;
    if (!this.#isChosen(nowMs)) return false;
    this.#chosen++;
    return true;
  }

  acted(): void {
    this.#acted++;
  }

  get tally(): RuleTally {
    return { spec: this.spec, matched: this.#matched, chosen: this.#chosen, acted: this.#acted };
  }
}
