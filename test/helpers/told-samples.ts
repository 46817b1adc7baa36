import type { Report } from "../../src/analysis/document/report.js";
import { TimeHistogram } from "../../src/measure/histogram.js";
import { perOutcome } from "../../src/measure/outcome.js";
import type { LiveNumbers, LiveTrace, PhaseStart } from "../../src/measure/run-in-progress.js";
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

/** Requests under the fault: one that failed, one that was slow, and one that was due before it. */
export const TRACES: readonly LiveTrace[] = [
  {
    traceId: `${"a".repeat(16)}${"1".repeat(16)}`,
    request: "GET /cart",
    outcome: "refused",
    reason: "status 503",
    status: 503,
    dueS: 0.5,
    ms: 12,
    phase: FAULT.id,
    dueMs: 5_000,
  },
  {
    traceId: `${"a".repeat(16)}${"2".repeat(16)}`,
    request: "GET /cart",
    outcome: "ok",
    reason: null,
    status: 200,
    dueS: 0.6,
    ms: 30,
    phase: FAULT.id,
    dueMs: 5_100,
  },
  {
    traceId: `${"a".repeat(16)}${"3".repeat(16)}`,
    request: "GET /cart",
    outcome: "ok",
    reason: null,
    status: null,
    dueS: 0.1,
    ms: 20_000,
    phase: "settle-1",
    dueMs: 4_000,
  },
];

/** A baseline of one second, a fault of two, and the results. */
export function toldRun(report: Report): readonly ToldItem[] {
  const run = new ToldRun();
  return [
    ...run.phase(BASELINE),
    ...run.live(liveSecond([2, 4, 600])),
    ...run.phase(FAULT),
    ...run.event({ atS: 1, kind: "inject", text: "cache slow" }),
    ...run.traces(TRACES),
    ...run.live(liveSecond([30], 1)),
    ...run.traces([]),
    ...run.live(liveSecond([20_000])),
    ...run.over(),
    run.judged(report),
  ];
}
