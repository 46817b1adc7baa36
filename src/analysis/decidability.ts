/** What can be known before a run: which SLOs this plan can decide, and which plan could decide the rest. Pure. */

import { type FaultRound, labelOf } from "../plan/fault-round.js";
import { requestsPerArrival, timedIn } from "../plan/load-mix.js";
import type { LoadPlan } from "../plan/load-plan.js";
import type { RunPlan } from "../plan/run-plan.js";
import type { Stretch } from "../plan/steps.js";
import { timelineOf } from "../plan/timeline.js";
import { metricOf } from "../slo/metrics/index.js";
import type { Slo } from "../slo/slo.js";
import { isJourney } from "../slo/timed-name.js";
import { formatCount, formatRate, formatSeconds } from "../support/format.js";
import { holdSeconds } from "./recovery/good-seconds.js";
import { baselineSlos, faultSlos, isTiming, plannedVerdicts, recoverySlos } from "./slo/scope.js";
import { rateOrDuration, roundUpRate } from "./slo/share-reason.js";
import { LEAST_SECONDS_TO_PASS, windowZ } from "./slo/share-verdict.js";
import { decideAlert, decideSignal } from "./slo/signal-decidability.js";
import { leastErrorFreeRequests } from "./statistics/intervals.js";
import { neededText } from "./wording/wording.js";

export interface Decidability {
  readonly slo: string;
  /** The plan's SLOs with the same text: the scenario's own, or those of faults. */
  readonly slos: readonly Slo[];
  readonly phase: "baseline" | "fault" | "recovery";
  /** The faults that this line is about. Empty for the baseline. */
  readonly faults: readonly string[];
  /** Requests of this SLO that are due in each of these phases. null in the closed model. */
  readonly requests: number | null;
  /**
   * - decidable: the SLO can pass and fail.
   * - unknown: the answer depends on what only the run shows.
   * - undecidable: the SLO can fail but never pass.
   * - impossible: the plan cannot even measure it, so the plan is refused.
   */
  readonly answer: "decidable" | "unknown" | "undecidable" | "impossible";
  /** What is missing, and which rate or duration would do. For a decidable SLO: what the answer rests on. */
  readonly sentence: string;
}

interface Question {
  readonly slo: Slo;
  readonly phase: Decidability["phase"];
  readonly plan: RunPlan;
  readonly seconds: number;
  /** Requests of this SLO. null in the closed model. */
  readonly requests: number | null;
  readonly verdicts: number;
}

type Answer = Pick<Decidability, "answer" | "sentence">;

/** One line for each SLO and kind of phase. Faults whose phases give the same answer share a line. */
export function decidability(plan: RunPlan): Decidability[] {
  const verdicts = plannedVerdicts(plan.slos, timelineOf(plan.steps));
  const lines = new Map<string, Decidability>();
  const ask = (slo: Slo, phase: Decidability["phase"], planned: Stretch, fault: FaultRound | null) => {
    const seconds = planned.durationMs / 1000;
    const share = requestShare(plan.load, requestOf(slo, plan));
    const requests = planned.expectedRequests === null ? null : Math.round(planned.expectedRequests * share);
    const found = answer({ slo, phase, plan, seconds, requests, verdicts }, fault?.name ?? null);
    const key = `${slo.text}|${phase}|${found.sentence}`;
    const faults = fault === null ? [] : [labelOf(fault)];
    const known = lines.get(key);
    const slos = known?.slos ?? [];
    lines.set(key, {
      slo: slo.text,
      slos: slos.includes(slo) ? slos : [...slos, slo],
      phase,
      requests,
      ...found,
      faults: known ? [...known.faults, ...faults] : faults,
    });
  };
  for (const step of plan.steps) {
    if (step.kind === "baseline") {
      for (const slo of baselineSlos(plan.slos)) ask(slo, "baseline", step.during, null);
    }
    if (step.kind !== "fault") continue;
    const slos = faultSlos(plan.slos, step.fault.name);
    for (const slo of slos) {
      const isAlertTime = metricOf(slo.metric).alert?.measure === "fires";
      if (isAlertTime || (!isTiming(slo) && slo.phases.includes("fault")))
        ask(slo, "fault", step.during, step.fault);
    }
    if (step.recovery === null) continue;
    for (const slo of slos) {
      if (metricOf(slo.metric).timing === "recovery" || (!isTiming(slo) && slo.phases.includes("recovery"))) {
        ask(slo, "recovery", step.recovery, step.fault);
      }
    }
  }
  return [...lines.values()];
}

/** The requests that the SLO is about. null: all. */
function requestOf({ metric, request }: Slo, { checks }: RunPlan): string | null {
  const about = metricOf(metric).completion;
  if (about === null) return request;
  const check =
    checks.find(({ name }) => name === about.of) ?? checks.find(({ ids }) => ids?.request === about.of);
  return check?.ids?.request ?? null;
}

/** Share of all requests that have this name. null stands for all names. What is timed beside them counts as one. */
function requestShare({ mix }: LoadPlan, request: string | null): number {
  if (request === null) return 1;
  const timed = timedIn(mix).find(({ name }) => name === request);
  // Each begins with a request. How many events follow the first is the system's doing.
  const name = timed && isJourney(timed) ? null : (timed?.of ?? request);
  let total = 0;
  let named = 0;
  if (mix.kind === "requests") {
    for (const each of mix.requests) {
      total += each.weight;
      if (each.name === name) named += each.weight;
    }
  } else {
    for (const { weight, steps, ...journey } of mix.journeys) {
      total += weight * steps.length;
      const isMeant = timed && isJourney(timed) && journey.name === timed.of;
      named += isMeant ? weight : weight * steps.filter((step) => step.name === name).length;
    }
  }
  return total > 0 ? named / total : 0;
}

/** Requests of this name per arrival of `load.rate`. An arrival is a journey in a load of journeys. */
function perArrival(load: LoadPlan, request: string | null): number {
  return requestShare(load, request) * requestsPerArrival(load.mix);
}

function answer(question: Question, fault: string | null): Answer {
  const { slo, seconds, requests, plan } = question;
  const impossible = unmeasurable(question);
  if (impossible !== null) return { answer: "impossible", sentence: impossible };
  if (metricOf(slo.metric).alert !== null) return decideAlert(slo, seconds);
  if (plan.evidence === "observed") {
    const sentence = `${slo.text}: judged by what is observed; nothing is claimed beyond the run.`;
    return { answer: "decidable", sentence };
  }
  const { timing, fact, unit, rate, crossing, among, signal } = metricOf(slo.metric);
  if (signal !== null) return decideSignal(slo, signal, plan, seconds);
  if (timing === "recovery") return answerRecovery(question, fault ?? "");
  if (among === "failed") {
    const sentence = `${slo.text}: cannot be told before the run; how many requests fail is the system's doing.`;
    return { answer: "unknown", sentence };
  }
  if (fact !== null) return { answer: "decidable", sentence: `${slo.text}: ${fact} is what it is.` };
  const budget = plannedBudget(question);
  if (budget === null) {
    const least = seconds < LEAST_SECONDS_TO_PASS;
    if (least) return { answer: "undecidable", sentence: `${slo.text} cannot pass: ${tooShort(seconds)}.` };
    if (crossing !== null && slo.target.kind === "absolute") {
      const sentence = `${slo.text}: cannot be told before the run; how much a dependency gets is the system's doing.`;
      return { answer: "unknown", sentence };
    }
    const why =
      rate !== null && plan.load.model.kind === "closed"
        ? "the number of requests is the system's doing in the closed model"
        : `its target is known only after the baseline${unit === "ratio" ? ", and is 0 if the baseline has no error" : ""}`;
    return { answer: "unknown", sentence: `${slo.text}: cannot be told before the run; ${why}.` };
  }
  return answerBudget(question, budget, requests);
}

/** What no run of this plan can measure at all. The text does not name the phase, so that phases can share it. */
function unmeasurable(question: Question): string | null {
  const { slo, seconds, requests, plan } = question;
  if (slo.windowS !== null && slo.windowS > seconds) {
    const lasts = formatSeconds(seconds);
    return `${slo.text} needs a window of ${slo.windowS} s, and the phase lasts ${lasts}; use a shorter window or a longer phase.`;
  }
  if (requests === null) return null;
  if (requests === 0) {
    const which = slo.request === null ? "no request" : `no request named "${slo.request}"`;
    const remedy =
      requestShare(plan.load, requestOf(slo, plan)) === 0 ? "give it a weight above 0" : "raise the rate";
    return `${slo.text} cannot be measured: ${which} is due; ${remedy}.`;
  }
  const { leastRequests: least, among } = metricOf(slo.metric);
  if (requests >= least || among === "failed") return null;
  return (
    `${slo.text} cannot be measured with ${formatCount(requests)} requests in ${formatSeconds(seconds)}: ` +
    `${metricOf(slo.metric).name} exists from ${neededText(least)} on (below that it is max); ` +
    `use ${enoughToMeasure(question, requests, least)}.`
  );
}

/**
 * How many requests the quantile needs. A claim about the system needs more than the quantile itself does, so its
 * number is told at once.
 */
function enoughToMeasure(question: Question, requests: number, least: number): string {
  const { slo, seconds, plan } = question;
  const share = perArrival(plan.load, requestOf(slo, plan));
  const ratePerS = requests / seconds;
  const budget = plan.evidence === "interval" ? plannedBudget(question) : null;
  if (budget !== null) return rateOrDuration(budget, ratePerS, seconds, share);
  const rate = formatRate(roundUpRate(least / seconds / share));
  return `rate: ${rate}, or ${formatSeconds(Math.ceil(least / ratePerS))} at ${formatRate(ratePerS / share)}`;
}

/** The share of bad requests that the SLO allows. @returns null when that is not known before the run. */
function plannedBudget({ slo, requests, seconds, plan }: Question): number | null {
  const { target } = slo;
  const { quantile, completion, unit, budget } = metricOf(slo.metric);
  const share = quantile ?? completion?.q ?? null;
  if (share !== null) return Number((1 - share).toPrecision(12));
  // At best the baseline has no error: then the offset is the budget.
  if (target.kind === "baseline_offset" && unit === "ratio") return Math.min(1, Math.abs(target.offset));
  const duePerS = requests === null || plan.load.model.kind === "closed" ? null : requests / seconds;
  return budget(slo, duePerS);
}

function answerBudget(question: Question, budget: number, requests: number | null): Answer {
  const { slo, seconds, plan } = question;
  if (metricOf(slo.metric).rate !== null && budget <= 0) {
    const due = formatRate(requests! / seconds);
    const sentence = `${slo.text} cannot pass: the load asks for ${due}; raise load.rate above the target.`;
    return { answer: "undecidable", sentence };
  }
  if (budget <= 0) {
    const sentence = `${slo.text} cannot pass: no number of requests can show that none ever fails; allow a small share.`;
    return { answer: "undecidable", sentence };
  }
  const share = perArrival(plan.load, requestOf(slo, plan));
  const length = Math.max(LEAST_SECONDS_TO_PASS, Math.floor(seconds));
  const least = leastErrorFreeRequests(budget, length);
  if (requests === null) {
    if (seconds < LEAST_SECONDS_TO_PASS) {
      return { answer: "undecidable", sentence: `${slo.text} cannot pass: ${tooShort(seconds)}.` };
    }
    const sentence =
      `${slo.text} needs ${neededText(least)} requests in ${formatSeconds(seconds)} (${formatRate(least / length)}) to pass; ` +
      "with `connections:` the system decides how many there are.";
    return { answer: "unknown", sentence };
  }
  const ratePerS = requests / seconds;
  const remedy = () => rateOrDuration(budget, ratePerS, seconds, share);
  if (seconds < LEAST_SECONDS_TO_PASS) {
    const sentence = `${slo.text} cannot pass: ${tooShort(seconds)}; use ${remedy()}.`;
    return { answer: "undecidable", sentence };
  }
  if (requests < least) {
    const sentence =
      `${slo.text} cannot pass with ${formatCount(requests)} requests in ${formatSeconds(seconds)}: ` +
      `${neededText(least)} are needed; use ${remedy()}.`;
    return { answer: "undecidable", sentence };
  }
  const window = slo.windowS === null ? null : answerWindow(question, budget, ratePerS, share);
  if (window !== null) return window;
  const sentence =
    `${slo.text}: ${formatCount(requests)} requests in ${formatSeconds(seconds)} suffice (${neededText(least)} are needed); ` +
    `an outage that comes less often than once in ${formatSeconds(Math.floor(seconds / 3))} may go unseen.`;
  return { answer: "decidable", sentence };
}

/** Each window is judged on its own requests. It needs z²·(1−b)/b of them, none bad. */
function answerWindow(
  { slo, seconds, verdicts }: Question,
  budget: number,
  ratePerS: number,
  share: number,
): Answer | null {
  const windowS = slo.windowS!;
  const z = windowZ(verdicts * (Math.floor(seconds) - windowS + 1));
  const least = Math.ceil((z * z * (1 - budget)) / budget);
  if (ratePerS * windowS >= least) return null;
  const rate = formatRate(roundUpRate(least / windowS / share));
  const sentence =
    `${slo.text} cannot pass with ${formatCount(ratePerS * windowS)} requests in each ${windowS} s: ` +
    `${neededText(least)} are needed; use rate: ${rate}, or a longer window.`;
  return { answer: "undecidable", sentence };
}

function answerRecovery({ slo, seconds, plan }: Question, fault: string): Answer {
  const target = slo.target.kind === "absolute" ? slo.target.value : 0;
  const ratePerS = baselineRate(plan);
  if (ratePerS === null) {
    const sentence = `${slo.text}: how long the system must be good again depends on how many requests it answers.`;
    return { answer: seconds < target + 10 ? "undecidable" : "unknown", sentence };
  }
  let hold = 10;
  let by: { slo: Slo; budget: number } | null = null;
  for (const promised of recoverySlos(plan.slos, fault)) {
    const budget = plannedBudget({
      slo: promised,
      requests: Math.round(ratePerS * seconds),
      seconds,
      plan,
      verdicts: 1,
      phase: "recovery",
    });
    const share = requestShare(plan.load, promised.request);
    const held = budget === null ? 10 : holdSeconds(budget, ratePerS * share);
    if (held > hold && budget !== null) [hold, by] = [held, { slo: promised, budget }];
  }
  const needed = Math.ceil(target) + hold;
  if (seconds >= needed) {
    const sentence = `${slo.text}: ${formatSeconds(seconds)} of recovery suffice (${hold} good seconds in a row show it).`;
    return { answer: "decidable", sentence };
  }
  const room = seconds - Math.ceil(target);
  const rate =
    by && room >= 10
      ? `, or rate: ${formatRate(roundUpRate(20 / (by.budget * room * perArrival(plan.load, by.slo.request))))}`
      : "";
  const why = by ? `that "${by.slo.text}" holds again` : "that the system is back";
  const sentence =
    `${slo.text} cannot be decided in ${formatSeconds(seconds)} of recovery: it takes ${hold} good seconds in a row to show ` +
    `${why}; use recovery: ${needed}s${rate}.`;
  return { answer: "undecidable", sentence };
}

function baselineRate({ steps }: RunPlan): number | null {
  const baseline = steps.find(({ kind }) => kind === "baseline")?.during;
  if (!baseline || baseline.expectedRequests === null || baseline.durationMs <= 0) return null;
  return baseline.expectedRequests / (baseline.durationMs / 1000);
}

function tooShort(seconds: number): string {
  return `a phase must last at least ${LEAST_SECONDS_TO_PASS} s to pass, and this one lasts ${formatSeconds(seconds)}`;
}
