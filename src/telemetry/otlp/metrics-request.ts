import { printable } from "../../support/printable.js";
import { metricsOf, type SentMetric } from "../metrics.js";
import { LATENCY_BOUNDS_S, type PhaseTotals } from "../phase-totals.js";
import type { ToldItem } from "../told.js";
import { type Attribute, attributes, doubleOf, nanosOf } from "./otlp-json.js";
import { requestSpanId } from "./request-spans.js";

/** AGGREGATION_TEMPORALITY_CUMULATIVE */
const CUMULATIVE = 2;
/** DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK: the series ends here. */
const NO_RECORDED_VALUE = 1;

interface Point {
  readonly attributes: readonly Attribute[];
  readonly startTimeUnixNano?: string;
  readonly timeUnixNano: string;
  readonly flags?: number;
}

/** `metrics` of an ExportMetricsServiceRequest: each metric once, with all its points. */
export function otlpMetrics(told: readonly ToldItem[], scenario: string): readonly object[] {
  const points = new Map<string, { metric: SentMetric; points: object[] }>();
  for (const each of told) {
    for (const metric of metricsOf(each, scenario)) {
      const known = points.get(metric.name) ?? { metric, points: [] };
      points.set(metric.name, known);
      known.points.push(pointOf(metric, each));
    }
  }
  return [...points.values()].map(({ metric, points: dataPoints }) => ({
    ...nameOf(metric),
    ...dataOf(metric, dataPoints),
  }));
}

function dataOf({ type }: SentMetric, dataPoints: readonly object[]): object {
  switch (type) {
    case "gauge":
      return { gauge: { dataPoints } };
    case "counter":
      return { sum: { dataPoints, aggregationTemporality: CUMULATIVE, isMonotonic: true } };
    case "histogram":
      return { histogram: { dataPoints, aggregationTemporality: CUMULATIVE } };
  }
}

function pointOf(metric: SentMetric, told: ToldItem): object {
  const labels = Object.entries(metric.labels).map(([name, text]) => [`faultline.${name}`, printable(text)]);
  const begunAtMs = "phase" in told && metric.type !== "gauge" ? told.phase.begunAtMs : null;
  const point: Point = {
    attributes: attributes(Object.fromEntries(labels)),
    ...(begunAtMs === null ? {} : { startTimeUnixNano: nanosOf(begunAtMs) }),
    timeUnixNano: nanosOf(told.atMs),
  };
  if (told.kind === "phase_over") return { ...point, flags: NO_RECORDED_VALUE };
  switch (metric.type) {
    case "gauge":
      return { ...point, asDouble: doubleOf(metric.value) };
    case "counter":
      return { ...point, asInt: String(metric.value), ...exemplarsOf(metric) };
    case "histogram":
      return { ...point, ...histogramOf(metric.value), ...exemplarsOf(metric) };
  }
}

function exemplarsOf({ exemplars = [] }: SentMetric): object {
  if (exemplars.length === 0) return {};
  return {
    exemplars: exemplars.map(({ traceId, value, atMs }) => ({
      timeUnixNano: nanosOf(atMs),
      asDouble: value,
      traceId,
      spanId: requestSpanId(traceId),
    })),
  };
}

/** Counts of single buckets, where ours are of all up to a bound. */
function histogramOf({ atMost, sumS, count }: PhaseTotals["latency"]): object {
  const upTo = [...atMost, count];
  return {
    count: String(count),
    sum: sumS,
    bucketCounts: upTo.map((each, at) => String(each - (upTo[at - 1] ?? 0))),
    explicitBounds: LATENCY_BOUNDS_S,
  };
}

/** Their names come back as Prometheus' own where a collector hands them on to it. */
function nameOf({ name, type }: SentMetric): { readonly name: string; readonly unit: string } {
  const dotted = (text: string) => text.replaceAll("_", ".");
  if (name.endsWith("_seconds")) return { name: dotted(name.slice(0, -"_seconds".length)), unit: "s" };
  if (name.endsWith("_ratio")) return { name: dotted(name.slice(0, -"_ratio".length)), unit: "1" };
  if (type === "counter") return { name: dotted(name.replace(/_total$/, "")), unit: "{request}" };
  return { name: dotted(name), unit: "" };
}
