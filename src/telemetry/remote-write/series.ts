import { printable } from "../../support/printable.js";
import { metricsOf, type SentMetric } from "../metrics.js";
import { LATENCY_BOUNDS_S } from "../phase-totals.js";
import type { ToldItem } from "../told.js";
import type { WrittenSample, WrittenSeries } from "./write-request.js";

type Labels = Readonly<Record<string, string>>;

interface Point {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number | "inf";
}

/** Without it two servers could not tell whose series these are. */
const JOB = { job: "faultline" };

/**
 * What was told, as series of Prometheus. All series of a phase end with it.
 * @param more labels of all series.
 */
export function seriesOf(
  told: readonly ToldItem[],
  scenario: string,
  more: Labels,
): readonly WrittenSeries[] {
  const found = new Map<string, { labels: WrittenSeries["labels"]; samples: Map<number, WrittenSample> }>();
  for (const each of told) {
    const isEnd = each.kind === "phase_over";
    for (const { name, labels: own, value } of metricsOf(each, scenario).flatMap(pointsOf)) {
      const labels = sortedLabels({ ...JOB, ...more, ...own, __name__: name });
      const key = JSON.stringify(labels);
      const series = found.get(key) ?? { labels, samples: new Map<number, WrittenSample>() };
      found.set(key, series);
      // An SLO that is listed twice counts once.
      series.samples.set(each.atMs, { atMs: each.atMs, value: isEnd ? "stale" : numberOf(value) });
    }
  }
  return [...found.values()].map(({ labels, samples }) => ({ labels, samples: [...samples.values()] }));
}

function pointsOf(metric: SentMetric): readonly Point[] {
  if (metric.type !== "histogram") return [metric];
  const { name, labels, value } = metric;
  const bucket = (le: string, count: number) => ({
    name: `${name}_bucket`,
    labels: { ...labels, le },
    value: count,
  });
  return [
    ...LATENCY_BOUNDS_S.map((boundS, at) => bucket(String(boundS), value.atMost[at] ?? 0)),
    bucket("+Inf", value.count),
    { name: `${name}_sum`, labels, value: value.sumS },
    { name: `${name}_count`, labels, value: value.count },
  ];
}

function numberOf(value: Point["value"]): number {
  return value === "inf" ? Number.POSITIVE_INFINITY : value;
}

/** An empty label is none. */
function sortedLabels(labels: Labels): WrittenSeries["labels"] {
  return Object.entries(labels)
    .map(([name, value]) => [name, printable(value)] as const)
    .filter(([, value]) => value !== "")
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
