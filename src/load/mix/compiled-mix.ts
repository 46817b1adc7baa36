import { requestNames, timedIn } from "../../plan/load-mix.js";
import type { JourneyStep, LoadMix } from "../../plan/load-plan.js";
import type { PlannedRequest } from "../../requests/planned-request.js";
import type { StreamPart, TimedName } from "../../slo/timed-name.js";
import { FaultlineError } from "../../support/errors.js";
import type { Random } from "../../support/random.js";
import type { CompiledRequest } from "../compiled-request.js";

/** A request of the mix, or a step of a journey. */
export interface SequenceStep<Request extends CompiledRequest = CompiledRequest> {
  /** The number of its name in the mix. */
  readonly name: number;
  readonly label: string;
  /** Time before the next step of a journey. */
  readonly thinkTimeUs: number;
  /** null: it is asked once. */
  readonly asksAgain: AsksAgain | null;
  /** null: its answer is no stream. */
  readonly stream: StreamNumbers | null;
  /** Its own. null: that of the load. */
  readonly timeoutUs: number | null;
  readonly request: Request;
}

/** A plain request is a sequence of one step. A journey has several. */
export interface Sequence<Request extends CompiledRequest = CompiledRequest> {
  readonly steps: readonly SequenceStep<Request>[];
  /**
   * The number under which a journey is timed. null: it is no journey. The values of a journey last for the whole
   * sequence, so the scope is kept between the steps.
   */
  readonly timed: number | null;
  /** Its first step is the login. */
  readonly logsIn: boolean;
}

/** A step that is asked until its answer holds. */
interface AsksAgain {
  readonly everyUs: number;
  readonly withinUs: number;
  /** The number under which the wait is timed. */
  readonly timed: number;
}

/** The numbers under which the parts of a stream are timed. */
export interface StreamNumbers {
  readonly firstByte: number;
  readonly firstEvent: number;
  readonly nextEvent: number;
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
    const timed = timedIn(mix);
    const timedAs = (what: TimedName["what"], name: string, part?: StreamPart) =>
      names.length + timed.findIndex((each) => each.what === what && each.of === name && each.part === part);
    const sequenceOf = (own: readonly (PlannedRequest | JourneyStep)[], journey: string | null): Sequence => {
      const planned = mix.login === undefined ? own : [mix.login, ...own];
      const requests = compile(planned);
      const steps = planned.map((one, at) => ({
        name: names.indexOf(one.name),
        label: one.name,
        thinkTimeUs: "thinkTimeMs" in one ? one.thinkTimeMs * 1000 : 0,
        asksAgain: one.asksAgain
          ? {
              everyUs: one.asksAgain.everyMs * 1000,
              withinUs: one.asksAgain.withinMs * 1000,
              timed: timedAs("until", one.name),
            }
          : null,
        stream: one.streams
          ? {
              firstByte: timedAs("stream", one.name, "first byte"),
              firstEvent: timedAs("stream", one.name, "first event"),
              nextEvent: timedAs("stream", one.name, "next event"),
            }
          : null,
        timeoutUs: one.timeoutMs === undefined ? null : one.timeoutMs * 1000,
        request: requests[at]!,
      }));
      return {
        steps,
        timed: journey === null ? null : timedAs("journey", journey),
        logsIn: mix.login !== undefined,
      };
    };
    this.#sequences =
      mix.kind === "requests"
        ? mix.requests.map((request) => sequenceOf([request], null))
        : mix.journeys.map(({ name, steps }) => sequenceOf(steps, name));
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
