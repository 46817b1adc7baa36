import type { Metric, MetricFamily, SignalMetric } from "../metric.js";
import type { BadSeries, SignalReading } from "../observations.js";
import { USUAL } from "./plain.js";

/** What may be measured of a signal: of what it counts, or of its values. */
interface Measure {
  /** Which of the two a signal must have. */
  readonly of: "counts" | "values";
  readonly unit: Metric["unit"];
  readonly promise: Metric["promise"];
  readonly judges: SignalMetric["judges"];
  readonly words: string;
  readonly value: (reading: SignalReading) => number | null;
}

const MEASURES: Readonly<Record<string, Measure>> = {
  error_rate: {
    of: "counts",
    unit: "ratio",
    promise: "at_most",
    judges: "share",
    words: "the share of bad ones",
    value: ({ counts }) => shareOf(counts),
  },
  availability: {
    of: "counts",
    unit: "ratio",
    promise: "at_least",
    judges: "share",
    words: "the share of good ones",
    value({ counts }) {
      const share = shareOf(counts);
      return share === null ? null : 1 - share;
    },
  },
  max: {
    of: "values",
    unit: "number",
    promise: "at_most",
    judges: "sample",
    words: "the highest of the samples",
    value: ({ values }) => extreme(values, Math.max),
  },
  min: {
    of: "values",
    unit: "number",
    promise: "at_least",
    judges: "sample",
    words: "the lowest of the samples",
    value: ({ values }) => extreme(values, Math.min),
  },
  mean: {
    of: "values",
    unit: "number",
    promise: "either",
    judges: "mean",
    words: "the mean of the samples",
    value: ({ values }) => (values?.length ? sum(values) / values.length : null),
  },
  last: {
    of: "values",
    unit: "number",
    promise: "either",
    judges: "sample",
    words: "the last sample",
    value: ({ values }) => values?.at(-1) ?? null,
  },
};

/** Measures of signals that count, and of those that have values. */
export function measuresOf(of: "counts" | "values"): readonly string[] {
  return Object.keys(MEASURES).filter((name) => MEASURES[name]?.of === of);
}

/** Whether a signal that counts, or one with values, is needed. @returns null when it is no measure. */
export function neededBy(measure: string): "counts" | "values" | null {
  return MEASURES[measure]?.of ?? null;
}

/** How others call a measure. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  avg: "mean",
  average: "mean",
  maximum: "max",
  minimum: "min",
  errors: "error_rate",
  failure_rate: "error_rate",
  success_rate: "availability",
};

/** The measure that a word may be meant for. */
export function measureMeant(word: string): string | null {
  return OTHER_NAMES[word.toLowerCase()] ?? null;
}

/** What others know of the system: a server of metrics, an endpoint, a command. */
export const signal: MetricFamily = {
  kind: "signal",
  form: "signal(NAME) MEASURE",
  about: "signal",
  names: ["signal"],
  otherNames: /^(signals?|metrics?|prometheus|promql)$/,
  read: (word) => (word === "signal" ? { ok: true, metric: { kind: "signal" } } : null),
  problem({ signal: name, measure }) {
    if (typeof name !== "string" || name === "")
      return { key: "signal", expected: "expected a signal's name" };
    return MEASURES[String(measure)] ? null : { key: "measure", expected: "expected a measure of a signal" };
  },
  of: ({ signal: name, measure }) => metricOn(String(name), String(measure)),
};

function metricOn(name: string, measure: string): Metric {
  const found = MEASURES[measure];
  if (!found) throw new Error(`a signal has no ${measure}`);
  const { unit, promise, judges, words, value } = found;
  return {
    ...USUAL,
    spec: { kind: "signal", signal: name, measure },
    name: `signal(${name}) ${measure}`,
    unit,
    promise,
    noWindow: "a signal is judged over the whole phase",
    signal: { name, judges, words, valueOf: value },
    abort: { refusal: "signals are read as a phase ends, so they cannot abort a run", suggestion: null },
    value(of) {
      const reading = of.signal?.(name);
      return reading?.troubles.length === 0 ? value(reading) : null;
    },
  };
}

function shareOf(counts: BadSeries | null): number | null {
  const due = sum(counts?.due ?? []);
  return counts !== null && due > 0 ? sum(counts.bad) / due : null;
}

function extreme(values: readonly number[] | null, of: (...values: number[]) => number): number | null {
  return values?.length ? values.reduce((one, other) => of(one, other)) : null;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
