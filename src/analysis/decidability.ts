/** What can be known before a run: which SLOs this plan can decide, and which plan could decide the rest. Pure. */

import { type FaultRound, labelOf } from "../plan/fault-round.js";
import type { RunPlan } from "../plan/run-plan.js";
import type { Stretch } from "../plan/steps.js";
import { timelineOf } from "../plan/timeline.js";
import { metricOf } from "../slo/metrics/index.js";
import type { Slo } from "../slo/slo.js";
import { type DecisionId, decision, type PlanDecision } from "./reasons/decisions.js";
import type { ReasonFacts } from "./reasons/reason-kind.js";
import { holdSeconds } from "./recovery/good-seconds.js";
import { perArrival, plannedBaselineRate, requestOf, requestShare } from "./slo/planned-requests.js";
import { remedyFor, roundUpRate } from "./slo/remedy.js";
import { baselineSlos, faultSlos, isTiming, plannedVerdicts, recoverySlos } from "./slo/scope.js";
import { LEAST_SECONDS_TO_PASS, windowZ } from "./slo/share-verdict.js";
import { decideAlert, decideSignal } from "./slo/signal-decidability.js";
import { leastErrorFreeRequests } from "./statistics/intervals.js";
import type { LoadRemedy } from "./wording/load-remedy.js";

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
  /** What it says. Two lines with the same id and facts say the same. */
  readonly id: DecisionId;
  readonly facts: ReasonFacts;
  /** What is missing, and which rate or duration would do. For a decidable SLO: what the answer rests on. */
  readonly sentence: string;
  /** The same without its full stop. */
  readonly text: string;
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

interface Answer {
  readonly answer: Decidability["answer"];
  readonly decision: PlanDecision;
}

/** One line for each SLO and kind of phase. Faults whose phases give the same answer share a line. */
export function decidability(plan: RunPlan): Decidability[] {
  const verdicts = plannedVerdicts(plan.slos, timelineOf(plan.steps));
  const lines = new Map<string, Decidability>();
  const ask = (slo: Slo, phase: Decidability["phase"], planned: Stretch, fault: FaultRound | null) => {
    const seconds = planned.durationMs / 1000;
    const share = requestShare(plan.load, requestOf(slo, plan));
    const requests = planned.expectedRequests === null ? null : Math.round(planned.expectedRequests * share);
    const question = { slo, phase, plan, seconds, requests, verdicts };
    const found = answer(question, fault?.name ?? null);
    const { id, facts, text } = found.decision;
    const key = JSON.stringify([slo.text, phase, id, facts]);
    const faults = fault === null ? [] : [labelOf(fault)];
    const known = lines.get(key);
    const slos = known?.slos ?? [];
    lines.set(key, {
      slo: slo.text,
      slos: slos.includes(slo) ? slos : [...slos, slo],
      phase,
      requests,
      answer: found.answer,
      ...{ id, facts, text, sentence: `${text}.` },
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

function answer(question: Question, fault: string | null): Answer {
  const { slo, seconds, requests, plan } = question;
  const of = { slo: slo.text };
  const impossible = unmeasurable(question);
  if (impossible !== null) return { answer: "impossible", decision: impossible };
  if (metricOf(slo.metric).alert !== null) return decideAlert(slo, seconds);
  if (plan.evidence === "observed") return { answer: "decidable", decision: decision("as_observed", of) };
  const { timing, fact, unit, rate, crossing, among, signal } = metricOf(slo.metric);
  if (signal !== null) return decideSignal(slo, signal, plan, seconds);
  if (timing === "recovery") return answerRecovery(question, fault ?? "");
  if (among === "failed") return notKnown(slo, "failures");
  if (fact !== null) return { answer: "decidable", decision: decision("a_fact", { ...of, what: fact }) };
  const budget = plannedBudget(question);
  if (budget === null) {
    if (seconds < LEAST_SECONDS_TO_PASS) return tooShort(question, null);
    if (crossing !== null && slo.target.kind === "absolute") return notKnown(slo, "dependency");
    if (rate !== null && plan.load.model.kind === "closed") return notKnown(slo, "closed_model");
    return notKnown(slo, unit === "ratio" ? "zero_target" : "target");
  }
  return answerBudget(question, budget, requests);
}

function notKnown(
  { text }: Slo,
  why: "failures" | "dependency" | "closed_model" | "target" | "zero_target",
): Answer {
  return { answer: "unknown", decision: decision("not_known_before", { slo: text, why }) };
}

/** What no run of this plan can measure at all. It does not name the phase, so that phases can share it. */
function unmeasurable(question: Question): PlanDecision | null {
  const { slo, seconds, requests, plan } = question;
  if (slo.windowS !== null && slo.windowS > seconds) {
    const facts = { slo: slo.text, windowS: slo.windowS, phaseS: seconds };
    return decision("window_beyond_phase", facts);
  }
  if (requests === null) return null;
  if (requests === 0) {
    const lacksWeight = requestShare(plan.load, requestOf(slo, plan)) === 0;
    return decision("request_never_due", { slo: slo.text, request: slo.request, lacksWeight });
  }
  const { leastRequests: least, among, name: metric } = metricOf(slo.metric);
  if (requests >= least || among === "failed") return null;
  const remedy = enoughToMeasure(question, requests, least);
  return decision("too_few_to_measure", { slo: slo.text, requests, phaseS: seconds, metric, least, remedy });
}

/**
 * How many requests the quantile needs. A claim about the system needs more than the quantile itself does, so its
 * number is told at once.
 */
function enoughToMeasure(question: Question, requests: number, least: number): LoadRemedy {
  const { slo, seconds, plan } = question;
  const share = perArrival(plan.load, requestOf(slo, plan));
  const ratePerS = requests / seconds;
  const budget = plan.evidence === "interval" ? plannedBudget(question) : null;
  if (budget !== null) return remedyFor(budget, ratePerS, seconds, share);
  return {
    byRate: { ratePerS: roundUpRate(least / seconds / share), forS: null },
    byTime: { seconds: Math.ceil(least / ratePerS), ratePerS: ratePerS / share },
  };
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
  const of = { slo: slo.text };
  if (metricOf(slo.metric).rate !== null && budget <= 0) {
    const below = decision("rate_below_target", { ...of, duePerS: requests! / seconds });
    return { answer: "undecidable", decision: below };
  }
  if (budget <= 0) return { answer: "undecidable", decision: decision("nothing_may_fail", of) };
  const share = perArrival(plan.load, requestOf(slo, plan));
  const length = Math.max(LEAST_SECONDS_TO_PASS, Math.floor(seconds));
  const least = leastErrorFreeRequests(budget, length);
  if (requests === null) {
    if (seconds < LEAST_SECONDS_TO_PASS) return tooShort(question, null);
    const facts = { ...of, least, phaseS: seconds, leastPerS: least / length };
    return { answer: "unknown", decision: decision("system_decides_number", facts) };
  }
  const ratePerS = requests / seconds;
  const remedy = () => remedyFor(budget, ratePerS, seconds, share);
  if (seconds < LEAST_SECONDS_TO_PASS) return tooShort(question, remedy());
  if (requests < least) {
    const facts = { ...of, requests, phaseS: seconds, least, remedy: remedy() };
    return { answer: "undecidable", decision: decision("too_few_to_pass", facts) };
  }
  const window = slo.windowS === null ? null : answerWindow(question, budget, ratePerS, share);
  if (window !== null) return window;
  const facts = { ...of, requests, phaseS: seconds, least, rareS: Math.floor(seconds / 3) };
  return { answer: "decidable", decision: decision("suffices", facts) };
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
  const needed = roundUpRate(least / windowS / share);
  const facts = { slo: slo.text, requests: ratePerS * windowS, windowS, least, ratePerS: needed };
  return { answer: "undecidable", decision: decision("too_few_in_window", facts) };
}

function answerRecovery({ slo, seconds, plan }: Question, fault: string): Answer {
  const target = slo.target.kind === "absolute" ? slo.target.value : 0;
  const ratePerS = plannedBaselineRate(plan);
  if (ratePerS === null) {
    const byRequests = decision("recovery_by_requests", { slo: slo.text });
    return { answer: seconds < target + 10 ? "undecidable" : "unknown", decision: byRequests };
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
    const suffices = decision("recovery_suffices", { slo: slo.text, phaseS: seconds, holdS: hold });
    return { answer: "decidable", decision: suffices };
  }
  const room = seconds - Math.ceil(target);
  const enough =
    by && room >= 10 ? roundUpRate(20 / (by.budget * room * perArrival(plan.load, by.slo.request))) : null;
  const short = decision("recovery_too_short", {
    ...{ slo: slo.text, phaseS: seconds, holdS: hold, holds: by?.slo.text ?? null },
    ...{ neededS: needed, ratePerS: enough },
  });
  return { answer: "undecidable", decision: short };
}

/** @param remedy null: a longer phase is all that helps. */
function tooShort({ slo, seconds }: Question, remedy: LoadRemedy | null): Answer {
  const facts = { slo: slo.text, leastS: LEAST_SECONDS_TO_PASS, phaseS: seconds, remedy };
  return { answer: "undecidable", decision: decision("phase_too_short", facts) };
}
