import type { Random } from "../../../support/random.js";
import { chosenBy, type Selection } from "./chosen.js";

/** What a rule has come to. */
export interface RuleTally<Spec> {
  readonly spec: Spec;
  /** Requests that it is for. */
  readonly matched: number;
  /** Those of them that it chose. */
  readonly chosen: number;
  /** Those of them that it did something to: an answer without a body cannot be cut. */
  readonly acted: number;
}

/** Whether a request is one that the rule is for. */
export type WantedRequest<Request> = (request: Request) => boolean;

/** One rule in place, and what it has done. */
export class Rule<Spec extends Selection, Request> {
  readonly spec: Spec;
  /** Two rules with the same key are the same. */
  readonly key: string;
  readonly random: Random;
  /** false: it was taken away, and does nothing any more. */
  isInPlace = true;
  readonly #isFor: WantedRequest<Request>;
  readonly #isChosen: (nowMs: number) => boolean;
  #matched = 0;
  #chosen = 0;
  #acted = 0;

  constructor(spec: Spec, random: Random, isFor: WantedRequest<Request>) {
    this.spec = spec;
    this.key = JSON.stringify(spec);
    this.random = random;
    this.#isFor = isFor;
    this.#isChosen = chosenBy(spec, random);
  }

  takes(request: Request, nowMs: number): boolean {
    if (!this.#isFor(request)) return false;
    this.#matched++;
    if (!this.#isChosen(nowMs)) return false;
    this.#chosen++;
    return true;
  }

  acted(): void {
    this.#acted++;
  }

  get tally(): RuleTally<Spec> {
    return { spec: this.spec, matched: this.#matched, chosen: this.#chosen, acted: this.#acted };
  }
}
