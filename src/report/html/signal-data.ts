import type { Report } from "../../analysis/document/report.js";
import { promiseOf } from "../../analysis/document/slo-result.js";
import type { PhaseRecord, RunRecord } from "../../measure/record.js";
import type { SignalRecord } from "../../measure/signals/signal-record.js";
import { metricOf } from "../../slo/metrics/index.js";
import type { SignalChartData, TargetLine } from "./page-model.js";

/** A sample is shown for so many times the time between two. */
const SHOWN_FOR = 1.5;

interface Point {
  readonly atS: number;
  /** null: a gap. */
  readonly phase: Pick<PhaseRecord, "signals"> | null;
}

/** One chart for each signal, in the order of the scenario. Its columns are as long as those of the load's charts. */
export function signalCharts(
  report: Report,
  record: RunRecord,
  points: readonly Point[],
): readonly SignalChartData[] {
  const names = new Set(record.phases.flatMap(({ signals = [] }) => signals.map(({ signal }) => signal)));
  return [...names].map((name) => {
    const values = points.map(({ atS, phase }) => {
      const read = phase?.signals?.find(({ signal }) => signal === name);
      return read ? sampleAt(read, atS) : null;
    });
    const counts = record.phases.some(({ signals = [] }) =>
      signals.some(({ signal, total }) => signal === name && total !== undefined),
    );
    const isAlert = record.phases.some(({ signals = [] }) =>
      signals.some(({ signal, alert }) => signal === name && alert !== undefined),
    );
    const unit = isAlert ? "state" : counts ? "ratio" : "number";
    return { name, unit, values, lines: linesOf(report, name) };
  });
}

/** The sample that was known at the end of that second. A share: bad ones of all. */
function sampleAt(read: SignalRecord, secondS: number): number | null {
  const { atS, everyS, values, bad, total } = read;
  const at = atS.findLastIndex((takenS) => takenS < secondS + 1);
  const takenS = atS[at];
  if (takenS === undefined || secondS - takenS > SHOWN_FOR * everyS) return null;
  if (values) return values[at] ?? null;
  const all = total?.[at] ?? 0;
  return all > 0 ? Math.round(((bad?.[at] ?? 0) / all) * 1e6) / 1e6 : null;
}

/** What was promised of it. A target that is not the same in all faults spans its own fault. */
function linesOf(report: Report, name: string): readonly TargetLine[] {
  const results = [
    ...report.faults.flatMap(({ slos, injectedAtS, removedAtS }) =>
      slos.map((slo) => ({ slo, fromS: injectedAtS, toS: removedAtS })),
    ),
    ...report.baseline.slos.map((slo) => ({ slo, fromS: null, toS: null })),
  ];
  const lines = new Map<string, TargetLine>();
  for (const { slo, fromS, toS } of results) {
    const promise = promiseOf(slo);
    const metric = promise && metricOf(promise.metric);
    if (metric?.signal?.name !== name || typeof slo.target !== "number") continue;
    // The chart of a share shows the bad part.
    const value = metric.unit === "ratio" && metric.promise === "at_least" ? 1 - slo.target : slo.target;
    const isWhole = promise?.target.kind === "absolute";
    const line = { label: slo.expect, value, fromS: isWhole ? null : fromS, toS: isWhole ? null : toS };
    lines.set(`${line.label} ${line.value} ${line.fromS}`, line);
  }
  return [...lines.values()];
}
