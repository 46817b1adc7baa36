/** What can be known of signals before a run: whether their samples will be enough. */

import type { RunPlan } from "../../plan/run-plan.js";
import { timelineOf } from "../../plan/timeline.js";
import type { SignalMetric } from "../../slo/metric.js";
import { metricOf } from "../../slo/metrics/index.js";
import type { Slo } from "../../slo/slo.js";
import { formatSeconds } from "../../support/format.js";
import { LEAST_SECONDS_TO_PASS } from "./share-verdict.js";
import { LEAST_SAMPLES_TO_PASS } from "./signal.js";

/** Seconds that a phase needs. `everyS` null: how often there is a sample is not known. */
export function leastSecondsFor(slo: Slo, everyS: number | null): number {
  const { signal, promise } = metricOf(slo.metric);
  if (signal?.judges === "sample") {
    return promise === "either" ? 2 * (everyS ?? 0) : (LEAST_SAMPLES_TO_PASS + 1) * (everyS ?? 0);
  }
  return Math.max(LEAST_SECONDS_TO_PASS, (LEAST_SAMPLES_TO_PASS + 1) * (everyS ?? 0));
}

export function decideSignal(
  slo: Slo,
  { name }: SignalMetric,
  plan: Pick<RunPlan, "signals">,
  seconds: number,
): { readonly answer: "unknown" | "undecidable"; readonly sentence: string } {
  const everyMs = plan.signals.find((signal) => signal.name === name)?.everyMs ?? null;
  const leastS = leastSecondsFor(slo, everyMs === null ? null : everyMs / 1000);
  if (seconds < leastS) return { answer: "undecidable", sentence: tooShort(slo.text, leastS, seconds) };
  const scrape = everyMs === null ? `, with one sample for each scrape of the server` : "";
  const sentence = `${slo.text}: cannot be told before the run; what "${name}" counts is the system's doing${scrape}.`;
  return { answer: "unknown", sentence };
}

function tooShort(slo: string, leastS: number, seconds: number): string {
  return (
    `${slo} cannot pass: a phase must last at least ${formatSeconds(leastS)} for ${LEAST_SAMPLES_TO_PASS} samples, ` +
    `and this one lasts ${formatSeconds(seconds)}.`
  );
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
    const everyMs = signal === null ? undefined : intervals.get(signal.name);
    const isSaid = signals.some(({ name, everyMs: known }) => name === signal?.name && known !== null);
    if (everyMs === undefined || isSaid) return [];
    const leastS = leastSecondsFor(slo, everyMs / 1000);
    const judged = phases.filter(({ kind }) => slo.phases.some((phase) => phase === kind));
    const shortest = Math.min(...judged.map(({ durationMs }) => durationMs / 1000));
    if (judged.length === 0 || shortest >= leastS) return [];
    return [
      `${tooShort(slo.text, leastS, shortest)} The server of "${signal?.name}" takes one every ${formatSeconds(everyMs / 1000)}.`,
    ];
  });
  return [...new Set(warnings)];
}

/** An alert that is never seen is broken only where it was watched for as long as it may take. */
export function decideAlert(
  { text, target }: Slo,
  seconds: number,
): { readonly answer: "unknown" | "undecidable"; readonly sentence: string } {
  const targetS = target.kind === "absolute" ? target.value : 0;
  if (seconds >= targetS) {
    return {
      answer: "unknown",
      sentence: `${text}: cannot be told before the run; it is the monitoring's doing.`,
    };
  }
  const sentence =
    `${text} cannot fail: the phase must last at least ${formatSeconds(targetS)} to show that it does not, ` +
    `and this one lasts ${formatSeconds(seconds)}.`;
  return { answer: "undecidable", sentence };
}
