import type { FaultReport, Report, SloResult } from "../../analysis/document/report.js";
import { promiseOf } from "../../analysis/document/slo-result.js";
import { OUTCOMES } from "../../measure/outcome.js";
import type { PhaseRecord, RunRecord } from "../../measure/record.js";
import { metricOf } from "../../slo/metrics/index.js";
import { formatValue } from "../../support/format.js";
import { isLoadTest } from "../shown/run-in-words.js";
import {
  quantileOf,
  type Second,
  SHOWN_QUANTILES,
  type ShownQuantile,
  secondsOfRun,
} from "../shown/seconds-of-run.js";
import { trialsOf } from "../shown/shown-trials.js";
import { latencyAt, percentileAxis } from "./distribution.js";
import {
  BEYOND_TIMEOUT,
  type DistributionCurve,
  type FaultWindow,
  type PageData,
  type PromisedPoint,
  type TargetLine,
} from "./page-model.js";
import { signalCharts } from "./signal-data.js";

/** Faults that the distribution shows at first. More lines cannot be told apart. */
const FIRST_CURVES = 3;

/** SLOs that the label of a target's line can name. */
const MOST_NAMED = 2;

export function pageData(report: Report, record: RunRecord): PageData {
  const points = withGaps(secondsOfRun(record));
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
    windows: report.faults.flatMap((fault, index) => windowOf(report, fault, index)),
    latencyLines: targetLines(report, "ms"),
    throughputLines: targetLines(report, "per_s"),
    signals: signalCharts(
      report,
      record,
      points.map(({ atS, second }) => ({ atS, phase: second?.phase ?? null })),
    ),
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

function windowOf(report: Report, fault: FaultReport, index: number): FaultWindow[] {
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
      trials: trialsOf(fault, report).map(({ strength, words, phase }) => ({
        name: strength,
        sign: words.sign,
        tone: words.tone,
        word: words.word,
        fromS: round(phase.startS, 3),
        toS: round(phase.startS + phase.durationS, 3),
      })),
    },
  ];
}

/**
 * The charts show all requests of the load. The limit of one request name would be crossed or kept by requests that it
 * is not about, and that of a proxy, a signal or a check is about none of them.
 */
function isOfAllRequests(result: SloResult): boolean {
  const promise = promiseOf(result);
  if (promise === null || promise.request !== null) return false;
  const { crossing, completion, among, signal } = metricOf(promise.metric);
  return crossing === null && completion === null && signal === null && among === "due";
}

interface Target {
  readonly label: string;
  readonly value: number;
  /** The share of requests that may miss it. */
  readonly budget: number | null;
  readonly fromS: number | null;
  readonly toS: number | null;
}

/** A target that is the same in every fault spans the whole run. */
function targetsOf(report: Report, unit: "ms" | "per_s"): Target[] {
  const whole = { slos: report.baseline.slos, injectedAtS: null, removedAtS: null };
  const wanted = (isLoadTest(report) ? [whole] : report.faults).flatMap((fault) =>
    fault.slos.flatMap((slo) =>
      slo.unit === unit && typeof slo.target === "number" && isOfAllRequests(slo)
        ? [
            {
              label: slo.expect,
              value: round(slo.target, 3),
              budget: budgetOf(slo),
              fromS: fault.injectedAtS,
              toS: fault.removedAtS,
            },
          ]
        : [],
    ),
  );
  const values = new Map<string, Set<number>>();
  for (const { label, value } of wanted) values.set(label, (values.get(label) ?? new Set()).add(value));
  return wanted.map((target) =>
    values.get(target.label)?.size === 1 ? { ...target, fromS: null, toS: null } : target,
  );
}

/** That of the target which a relative one came to. */
function budgetOf(slo: SloResult): number | null {
  const promise = promiseOf(slo);
  if (promise === null || typeof slo.target !== "number" || slo.unit === null) return null;
  const target = { kind: "absolute", value: slo.target, unit: slo.unit } as const;
  return metricOf(promise.metric).budget({ ...promise, target }, null);
}

/** Names the SLOs, or their number when they are many. */
function labelOf(labels: ReadonlySet<string>, value: number, unit: "ms" | "per_s"): string {
  return labels.size <= MOST_NAMED
    ? [...labels].join(" · ")
    : `${labels.size} SLOs (${formatValue(value, unit)})`;
}

/** One line for each value and stretch of time. */
function targetLines(report: Report, unit: "ms" | "per_s"): TargetLine[] {
  const lines = new Map<string, Omit<TargetLine, "label"> & { readonly labels: Set<string> }>();
  for (const { label, value, fromS, toS } of targetsOf(report, unit)) {
    const key = `${value} ${fromS}`;
    const line = lines.get(key) ?? { value, fromS, toS, labels: new Set() };
    line.labels.add(label);
    lines.set(key, line);
  }
  return [...lines.values()].map(({ labels, ...line }) => ({
    label: labelOf(labels, line.value, unit),
    ...line,
  }));
}

/** One point for each value and share of requests that every fault has in common. */
function promisedPoints(report: Report, axisEnd: number): PromisedPoint[] {
  const points = new Map<string, Omit<PromisedPoint, "label"> & { readonly labels: Set<string> }>();
  for (const { label, value, budget, fromS } of targetsOf(report, "ms")) {
    if (budget === null || fromS !== null) continue;
    // What no request may miss stands at the end.
    const position = round(Math.min(axisEnd, -Math.log10(budget)), 4);
    const key = `${value} ${position}`;
    const point = points.get(key) ?? { value, position, labels: new Set() };
    point.labels.add(label);
    points.set(key, point);
  }
  return [...points.values()].map(({ labels, ...point }) => ({
    label: labelOf(labels, point.value, "ms"),
    ...point,
  }));
}

function distributionOf(report: Report, record: RunRecord): PageData["distribution"] {
  const judged = record.phases.filter((phase) => phase.kind === "baseline" || phase.kind === "fault");
  const axis = percentileAxis(
    Math.max(1, ...judged.map((phase) => phase.all.scheduled.reduce((sum, count) => sum + count, 0))),
  );
  const curves = [
    ...judged
      .filter(({ kind }) => kind === "baseline")
      .map((phase) => ({ phase, label: "baseline", rank: 0 })),
    ...report.faults.flatMap((fault, index) => faultCurves(report, record, fault, index)),
  ];
  const ranks = curves
    .map(({ rank }) => rank)
    .filter((rank) => rank > 0)
    .sort((a, b) => a - b);
  const lastShown = ranks[FIRST_CURVES - 1] ?? Number.POSITIVE_INFINITY;
  return {
    axis: axis.map((position) => round(position, 4)),
    curves: curves.map(
      ({ phase, label, rank }, index): DistributionCurve => ({
        label,
        category: rank === 0 ? null : index - (curves[0]?.rank === 0 ? 1 : 0),
        latencyMs: latencyAt(phase, axis).map(forPage),
        shown: rank <= lastShown,
      }),
    ),
    promises: promisedPoints(report, axis.at(-1) ?? 0),
  };
}

interface FaultCurve {
  readonly phase: PhaseRecord;
  readonly label: string;
  /** Curves with the lowest rank are shown first. 0 is the baseline's. */
  readonly rank: number;
}

/** Greater than any number of faults. */
const AFTER_ALL = 1e6;

/**
 * One curve for each fault, broken ones first. For a search: one for each trial, those on both sides of the edge first.
 */
function faultCurves(report: Report, record: RunRecord, fault: FaultReport, index: number): FaultCurve[] {
  const broken = fault.verdict === "fail" ? 0 : 1;
  const rank = 1 + index + broken * report.faults.length;
  const phases = record.phases.filter(({ kind, fault: name }) => kind === "fault" && name === fault.name);
  if (fault.search === null)
    return phases.slice(0, 1).map((phase) => ({ phase, label: `${index + 1} ${fault.name}`, rank }));
  const { holdsUpTo, breaksAt, trials } = fault.search;
  const atEdge = trials.filter(({ value }) => value === holdsUpTo || value === breaksAt);
  return trialsOf(fault, report).flatMap(({ strength, phase: { id } }, position) => {
    const phase = phases.find((one) => one.id === id);
    const isAtEdge = atEdge.some((trial) => trial.phase === id);
    return phase
      ? [{ phase, label: `${index + 1} at ${strength}`, rank: isAtEdge ? rank : rank + AFTER_ALL + position }]
      : [];
  });
}
