import type { Report } from "../../src/analysis/document/report.js";
import { TimeHistogram } from "../../src/measure/histogram.js";
import { perOutcome } from "../../src/measure/outcome.js";
import type { LiveNumbers, PhaseStart } from "../../src/measure/run-in-progress.js";
import type { ToldItem } from "../../src/telemetry/told.js";
import { ToldRun } from "../../src/telemetry/told-run.js";

/** A second in which good answers took these times, and others failed. */
export function liveSecond(latenciesMs: readonly number[], refused = 0): LiveNumbers {
  const latency = new TimeHistogram();
  for (const ms of latenciesMs) latency.record(ms * 1000);
  return {
    atMs: 1_000,
    intervalMs: 1_000,
    outcomes: { ...perOutcome(() => 0), ok: latenciesMs.length, refused },
    p99Ms: null,
    latency: latency.toSparse(),
  };
}

export const BASELINE: PhaseStart = {
  id: "baseline",
  kind: "baseline",
  fault: null,
  trial: null,
  plannedMs: 1_000,
};
export const FAULT: PhaseStart = {
  id: "fault-1",
  kind: "fault",
  fault: 'cache "slow"',
  trial: null,
  plannedMs: 1_000,
};

/** A baseline of one second, a fault of two, and the results. */
export function toldRun(report: Report): readonly ToldItem[] {
  const run = new ToldRun();
  return [
    ...run.phase(BASELINE),
    ...run.live(liveSecond([2, 4, 600])),
    ...run.phase(FAULT),
    ...run.event({ atS: 1, kind: "inject", text: "cache slow" }),
    ...run.live(liveSecond([30], 1)),
    ...run.live(liveSecond([20_000])),
    ...run.over(),
    run.judged(report),
  ];
}
