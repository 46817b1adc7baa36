import type { FaultReport, Report } from "../../analysis/model.js";
import { OUTCOMES } from "../../measure/outcome.js";
import type { RunRecord } from "../../measure/record.js";
import { quantileOf, type Second, SHOWN_QUANTILES, type ShownQuantile, secondsOf } from "../series.js";
import { latencyAt, percentileAxis } from "./distribution.js";
import {
  BEYOND_TIMEOUT,
  type DistributionCurve,
  type FaultWindow,
  type PageData,
  type TargetLine,
} from "./page-model.js";

/** Faults that the distribution shows at first: more lines than this cannot be told apart. */
const FIRST_CURVES = 3;

export function pageData(report: Report, record: RunRecord): PageData {
  const points = withGaps(secondsOf(record));
  const happened = OUTCOMES.filter((outcome) =>
    points.some((point) => (point.second?.outcomes[outcome] ?? 0) > 0),
  );
  return {
    atS: points.map((point) => round(point.atS, 3)),
    ratesPerS: Object.fromEntries(
      happened.map((outcome) => [
        outcome,
        points.map(({ second }) => (second ? round(second.outcomes[outcome] / second.widthS, 2) : null)),
      ]),
    ),
    latencyMs: Object.fromEntries(
      SHOWN_QUANTILES.map((quantile) => [
        quantile,
        points.map(({ second }) => (second ? forPage(quantileOf(second, quantile)) : null)),
      ]),
    ) as Record<ShownQuantile, (number | null)[]>, // fromEntries cannot know that every quantile is there
    timeoutMs: record.load.timeoutMs,
    phases: record.phases.map((phase) => ({
      label: phase.kind,
      fromS: round(phase.startS, 3),
      toS: round(phase.startS + phase.durationS, 3),
    })),
    windows: report.faults.flatMap(windowOf),
    latencyLines: targetLines(report, "ms"),
    throughputLines: targetLines(report, "per_s"),
    distribution: distributionOf(report, record),
  };
}

interface Point {
  readonly atS: number;
  readonly second: Second | null;
}

function withGaps(seconds: readonly Second[]): Point[] {
  const points: Point[] = [];
  for (const [index, second] of seconds.entries()) {
    points.push({ atS: second.atS, second });
    const endS = second.atS + second.widthS;
    const next = seconds[index + 1];
    if (next && next.atS - endS < 1e-3) continue;
    points.push({ atS: endS, second });
    if (next) points.push({ atS: (endS + next.atS) / 2, second: null });
  }
  return points;
}

function forPage(latency: number | "inf" | null): number | null {
  return latency === "inf" ? BEYOND_TIMEOUT : latency === null ? null : round(latency, 3);
}

function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}

function windowOf(fault: FaultReport, index: number): FaultWindow[] {
  if (fault.injectedAtS === null) return [];
  const toS = fault.removedAtS ?? fault.injectedAtS;
  const { seconds, censored } = fault.recovery;
  return [
    {
      index: index + 1,
      name: fault.name,
      verdict: fault.verdict,
      fromS: fault.injectedAtS,
      toS,
      recoveredS: seconds === null || censored || seconds === 0 ? null : toS + seconds,
    },
  ];
}

/** One line for each target; a target that is the same in every fault spans the whole run. */
function targetLines(report: Report, unit: "ms" | "per_s"): TargetLine[] {
  const lines = report.faults.flatMap((fault) =>
    fault.slos.flatMap((slo): TargetLine[] =>
      slo.unit === unit && typeof slo.target === "number"
        ? [
            {
              label: slo.expect,
              value: round(slo.target, 3),
              fromS: fault.injectedAtS,
              toS: fault.removedAtS,
            },
          ]
        : [],
    ),
  );
  const everywhere = new Map<string, TargetLine>();
  for (const line of lines)
    everywhere.set(`${line.label} ${line.value}`, { ...line, fromS: null, toS: null });
  const values = new Map<string, Set<number>>();
  for (const line of lines) values.set(line.label, (values.get(line.label) ?? new Set()).add(line.value));
  return [
    ...[...everywhere.values()].filter((line) => values.get(line.label)?.size === 1),
    ...lines.filter((line) => (values.get(line.label)?.size ?? 0) > 1),
  ];
}

function distributionOf(report: Report, record: RunRecord): PageData["distribution"] {
  const judged = record.phases.filter((phase) => phase.kind === "baseline" || phase.kind === "fault");
  const axis = percentileAxis(
    Math.max(1, ...judged.map((phase) => phase.all.scheduled.reduce((sum, count) => sum + count, 0))),
  );
  const worstFirst = report.faults
    .map((fault, index) => ({ index, broken: fault.verdict === "fail" ? 0 : 1 }))
    .sort((a, b) => a.broken - b.broken || a.index - b.index);
  const first = new Set(worstFirst.slice(0, FIRST_CURVES).map(({ index }) => index));
  const curves = judged.map((phase): DistributionCurve => {
    const fault = phase.kind === "fault" ? report.faults.findIndex(({ name }) => name === phase.fault) : null;
    return {
      name: fault === null ? "baseline" : (phase.fault ?? ""),
      fault: fault === null ? null : fault + 1,
      latencyMs: latencyAt(phase, axis).map(forPage),
      shown: fault === null || first.has(fault),
    };
  });
  return {
    axis: axis.map((position) => round(position, 4)),
    curves,
    lines: targetLines(report, "ms").filter((line) => line.fromS === null),
  };
}
