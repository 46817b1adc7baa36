import { nearest } from "../../support/names/suggestion.js";
import type { Metric, MetricFamily, SignalMetric } from "../metric.js";
import type { KnownNames, NameReader } from "../name-reader.js";
import { badShareOf, type SignalReading, sum } from "../observations.js";
import type { SloMetric } from "../slo.js";
import { USUAL, withName } from "./plain.js";

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
    value: ({ counts }) => counts && badShareOf(counts),
  },
  availability: {
    of: "counts",
    unit: "ratio",
    promise: "at_least",
    judges: "share",
    words: "the share of good ones",
    value({ counts }) {
      const share = counts && badShareOf(counts);
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

/** What others know of the system: a server of metrics, a page of them, an endpoint. */
export const signal: MetricFamily = {
  kind: "signal",
  form: "signal(NAME) MEASURE",
  names: ["signal"],
  otherNames: /^(signals?|metrics?|prometheus|promql)$/,
  read: (word) => (word === "signal" ? { ok: true, metric: { kind: "signal" } } : null),
  readName: readSignal,
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
    name: `${withName("signal", name)} ${measure}`,
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

function extreme(values: readonly number[] | null, of: (...values: number[]) => number): number | null {
  return values?.length ? values.reduce((one, other) => of(one, other)) : null;
}

/** "(orders) error_rate" */
function readSignal({ kind }: SloMetric, text: NameReader, { signals: known }: KnownNames): SloMetric {
  const names = [...(known?.keys() ?? [])];
  const named = text.inParentheses("signal");
  if (named === null) {
    const message = `"${kind}" needs the signal's name: ${kind}(${names[0] ?? "NAME"})`;
    text.failMetric(message, names[0] === undefined ? null : `${kind}(${names[0]})`);
  }
  const { name } = named;
  const has = known?.get(name);
  if (known && has === undefined) {
    const list = known.size === 0 ? "the scenario has no `signals:`" : `known are ${names.join(", ")}`;
    text.failName(named, `no signal is called "${name}"; ${list}`, nearest(name, names));
  }
  return { kind, signal: name, measure: readMeasure(text, name, has ?? null) };
}

/** @param has what the signal has. null: not known. */
function readMeasure(text: NameReader, name: string, has: Measure["of"] | null): string {
  const fitting = Object.keys(MEASURES).filter((measure) => has === null || MEASURES[measure]?.of === has);
  const list = fitting.join(", ");
  const word = text.word();
  if (word === null)
    text.failNext(`what of the signal "${name}" is judged? One of ${list}`, fitting[0] ?? null);
  if (fitting.includes(word)) return word;
  const needed = MEASURES[word]?.of;
  if (needed !== undefined) {
    const needs = needed === "counts" ? "`bad` and `total`" : "a `value`";
    text.failLast(`${word} needs a signal with ${needs}; of "${name}" there is ${list}`, fitting[0]);
  }
  const meant = OTHER_NAMES[word.toLowerCase()] ?? nearest(word, fitting);
  return text.failLast(
    `"${word}" is nothing that can be judged of a signal; known are ${list}`,
    meant !== null && fitting.includes(meant) ? meant : null,
  );
}
