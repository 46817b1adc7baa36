import type { JourneyStep, LoadPlan, RequestSpec } from "../../plan/load-plan.js";
import { requestNames } from "../../plan/request-names.js";
import { FaultlineError } from "../../support/errors.js";
import type { Random } from "../../support/random.js";
import { type AnswerCheck, compileCheck } from "../http1/answer-check.js";
import { type CompiledCapture, compileCapture } from "../http1/captures.js";
import { HeadMemo } from "../http1/head-memo.js";
import { leadingValue } from "../http1/leading-value.js";
import { type BuildRequest, compileRequest, type RequestBytes } from "../http1/request-bytes.js";
import type { Values } from "./values.js";

/** A request of the mix or a step of a journey, ready to be sent many times. */
export interface CompiledRequest {
  /** Number of its name in the mix. */
  readonly name: number;
  readonly bytes: RequestBytes;
  readonly isHead: boolean;
  readonly wantsBody: boolean;
  /** Of the last answer to it, on whichever connection. */
  readonly head: HeadMemo;
  readonly check: AnswerCheck;
  readonly captures: readonly CompiledCapture[];
  /** Before the next step of a journey. */
  readonly thinkTimeUs: number;
}

/** A sequence of one step for each request of a plain mix; of several for a journey. */
export interface Sequence {
  readonly steps: readonly CompiledRequest[];
  /** Its values last for the whole sequence, so the scope must be kept between the steps. */
  readonly isJourney: boolean;
}

/** Chooses what comes next, by weight. */
export class CompiledMix {
  readonly #sequences: readonly Sequence[];
  /** Cumulative shares, the last one 1. */
  readonly #upTo: readonly number[];

  /** Throws SCENARIO_INVALID for what cannot be sent: unknown values, methods, paths. */
  constructor(plan: LoadPlan, values: Values, build: BuildRequest) {
    const { mix } = plan;
    const names = requestNames(mix);
    const compile = (spec: RequestSpec | JourneyStep, leading: ReadonlySet<string> = new Set()) =>
      compileStep(plan, spec, names, values, build, leading);
    this.#sequences =
      mix.kind === "requests"
        ? mix.requests.map((request) => ({ steps: [compile(request)], isJourney: false }))
        : mix.journeys.map(({ steps }) => {
            const leading = capturedPaths(steps);
            return { steps: steps.map((step) => compile(step, leading)), isJourney: true };
          });
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
    // Falls back to the last one that can be chosen at all, against rounding at the upper end.
    const index = this.#upTo.findIndex((upTo) => at < upTo);
    return sequences[index < 0 ? sequences.length - 1 : index]!;
  }
}

/** Names of the captures that bring the path of a step. */
function capturedPaths(steps: readonly JourneyStep[]): ReadonlySet<string> {
  const leading = steps.flatMap(({ path }) => leadingValue(path) ?? []);
  return new Set(leading.filter(({ kind }) => kind === "capture").map(({ name }) => name));
}

function compileStep(
  plan: LoadPlan,
  spec: RequestSpec | JourneyStep,
  names: readonly string[],
  values: Values,
  build: BuildRequest,
  leading: ReadonlySet<string>,
): CompiledRequest {
  const check = compileCheck(spec.expect);
  const captures =
    "capture" in spec
      ? spec.capture.map((capture) =>
          compileCapture(capture, leading.has(capture.name) ? plan.target.url : null),
        )
      : [];
  return {
    name: names.indexOf(spec.name),
    bytes: compileRequest(
      spec,
      {
        basePath: new URL(plan.target.url).pathname.replace(/\/$/, ""),
        targetUrl: plan.target.url,
        keepAlive: plan.keepAlive,
      },
      values,
      build,
    ),
    isHead: spec.method === "HEAD",
    wantsBody: check.wantsBody || captures.some((capture) => capture.wantsBody),
    head: new HeadMemo(),
    check,
    captures,
    thinkTimeUs: "thinkTimeMs" in spec ? spec.thinkTimeMs * 1000 : 0,
  };
}
