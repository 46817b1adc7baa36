import { requestNames } from "../../plan/load-mix.js";
import type { JourneyStep, LoadMix } from "../../plan/load-plan.js";
import type { PlannedRequest } from "../../requests/planned-request.js";
import { FaultlineError } from "../../support/errors.js";
import type { Random } from "../../support/random.js";
import type { CompiledRequest } from "../compiled-request.js";

/** A request of the mix, or a step of a journey. */
export interface SequenceStep<Request extends CompiledRequest = CompiledRequest> {
  /** The number of its name in the mix. */
  readonly name: number;
  /** Time before the next step of a journey. */
  readonly thinkTimeUs: number;
  readonly request: Request;
}

/** A plain request is a sequence of one step. A journey has several. */
export interface Sequence<Request extends CompiledRequest = CompiledRequest> {
  readonly steps: readonly SequenceStep<Request>[];
  /** Its values last for the whole sequence, so the scope is kept between the steps. */
  readonly isJourney: boolean;
}

/** Chooses what comes next, by weight. */
export class CompiledMix {
  readonly #sequences: readonly Sequence[];
  /** Cumulative shares. The last one is 1. */
  readonly #upTo: readonly number[];

  /**
   * `compile`: what the protocol makes of one user's requests. @throws what `compile` throws, for what cannot be sent.
   */
  constructor(mix: LoadMix, compile: (steps: readonly PlannedRequest[]) => readonly CompiledRequest[]) {
    const names = requestNames(mix);
    const sequenceOf = (planned: readonly (PlannedRequest | JourneyStep)[], isJourney: boolean): Sequence => {
      const requests = compile(planned);
      const steps = planned.map((one, at) => ({
        name: names.indexOf(one.name),
        thinkTimeUs: "thinkTimeMs" in one ? one.thinkTimeMs * 1000 : 0,
        request: requests[at]!,
      }));
      return { steps, isJourney };
    };
    this.#sequences =
      mix.kind === "requests"
        ? mix.requests.map((request) => sequenceOf([request], false))
        : mix.journeys.map(({ steps }) => sequenceOf(steps, true));
    const weights = (mix.kind === "requests" ? mix.requests : mix.journeys).map(({ weight }) => weight);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (!(total > 0))
      throw new FaultlineError("SCENARIO_INVALID", "no request of the mix has a weight above 0");
    let sum = 0;
    this.#upTo = weights.map((weight) => {
      sum += weight;
      return sum / total;
    });
  }

  choose(random: Random): Sequence {
    const sequences = this.#sequences;
    if (sequences.length === 1) return sequences[0]!;
    const at = random();
    // Against rounding at the upper end it falls back to the last sequence that can be chosen at all.
    const index = this.#upTo.findIndex((upTo) => at < upTo);
    return sequences[index < 0 ? sequences.length - 1 : index]!;
  }
}
