/** What can be known of signals before a run: whether their samples will be enough. */

import type { RunPlan } from "../../plan/run-plan.js";
import { reachMsOf } from "../../plan/signals/query-reach.js";
import { timelineOf } from "../../plan/timeline.js";
import type { SignalMetric } from "../../slo/metric.js";
import { metricOf } from "../../slo/metrics/index.js";
import type { Slo } from "../../slo/slo.js";
import { formatSeconds } from "../../support/format.js";
import { decision, type PlanDecision } from "../reasons/decisions.js";
import { LEAST_SAMPLES_TO_PASS, LEAST_SECONDS_TO_PASS } from "./share-verdict.js";

/** What is known of a signal's samples: seconds between two, and of how many seconds each is. */
interface Sampling {
  readonly everyS: number;
  readonly reachS: number;
}

/** What a phase needs. */
interface Needed {
  readonly samples: number;
  readonly seconds: number;
}

/** A sample that is of a time before the phase, too, does not count. */
function neededBy({ metric }: Slo, { judges }: SignalMetric, { everyS, reachS }: Sampling): Needed {
  const isOne = judges === "sample" && metricOf(metric).promise === "either";
  const samples = isOne ? 1 : LEAST_SAMPLES_TO_PASS[judges];
  const forSamplesS = Math.max((samples + 1) * everyS, (samples - 1) * everyS + reachS);
  return { samples, seconds: Math.max(judges === "sample" ? 0 : LEAST_SECONDS_TO_PASS, forSamplesS) };
}

export function decideSignal(
  slo: Slo,
  metric: SignalMetric,
  plan: Pick<RunPlan, "signals">,
  seconds: number,
): { readonly answer: "unknown" | "undecidable"; readonly decision: PlanDecision } {
  const { name } = metric;
  const signal = plan.signals.find((each) => each.name === name);
  const everyMs = signal?.everyMs ?? null;
  const reachS = signal ? reachMsOf(signal) / 1000 : 0;
  const needed = neededBy(slo, metric, { everyS: (everyMs ?? 0) / 1000, reachS });
  if (seconds < needed.seconds) {
    return { answer: "undecidable", decision: tooShort(slo.text, needed, seconds) };
  }
  const facts = { slo: slo.text, signal: name, byScrape: everyMs === null };
  return { answer: "unknown", decision: decision("signal_not_known_before", facts) };
}

function tooShort(slo: string, { samples, seconds: leastS }: Needed, phaseS: number): PlanDecision {
  return decision("too_few_samples", { slo, leastS, samples, phaseS });
}

/**
 * The same once the servers have said how often they look: one sentence for each SLO that no phase of this run can pass.
 * @param intervals milliseconds, by the signal's name.
 */
export function tooSlowSignals(
  { slos, steps, evidence, signals }: RunPlan,
  intervals: ReadonlyMap<string, number>,
): readonly string[] {
  if (evidence === "observed") return [];
  const phases = timelineOf(steps).filter(({ kind }) => kind !== "warmup");
  const warnings = slos.flatMap((slo) => {
    const { signal } = metricOf(slo.metric);
    if (signal === null) return [];
    const everyMs = intervals.get(signal.name);
    const spec = signals.find(({ name }) => name === signal.name);
    if (everyMs === undefined || !spec || spec.everyMs !== null) return [];
    const needed = neededBy(slo, signal, { everyS: everyMs / 1000, reachS: reachMsOf(spec) / 1000 });
    const judged = phases.filter(({ kind }) => slo.phases.some((phase) => phase === kind));
    const shortest = Math.min(...judged.map(({ durationMs }) => durationMs / 1000));
    if (judged.length === 0 || shortest >= needed.seconds) return [];
    return [
      `${tooShort(slo.text, needed, shortest).text}. The server of "${signal.name}" takes one every ${formatSeconds(everyMs / 1000)}.`,
    ];
  });
  return [...new Set(warnings)];
}

/** An alert that is never seen is broken only where it was watched for as long as it may take. */
export function decideAlert(
  { text, target }: Slo,
  seconds: number,
): { readonly answer: "unknown" | "undecidable"; readonly decision: PlanDecision } {
  const targetS = target.kind === "absolute" ? target.value : 0;
  if (seconds >= targetS) {
    return { answer: "unknown", decision: decision("not_known_before", { slo: text, why: "monitoring" }) };
  }
  const facts = { slo: text, leastS: targetS, phaseS: seconds };
  return { answer: "undecidable", decision: decision("alert_watched_too_briefly", facts) };
}
