import { printable } from "../../support/printable.js";
import { type Exemplar, metricsOf, type SentMetric } from "../metrics.js";
import { LATENCY_BOUNDS_S } from "../phase-totals.js";
import type { ToldItem } from "../told.js";
import type { WrittenExemplar, WrittenSample, WrittenSeries } from "./write-request.js";

type Labels = Readonly<Record<string, string>>;

interface Point {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number | "inf";
  readonly exemplars?: readonly Exemplar[];
}

interface Found {
  readonly labels: WrittenSeries["labels"];
  readonly samples: Map<number, WrittenSample>;
  readonly exemplars: WrittenExemplar[];
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
  const found = new Map<string, Found>();
  for (const each of told) {
    const isEnd = each.kind === "phase_over";
    for (const { name, labels: own, value, exemplars = [] } of metricsOf(each, scenario).flatMap(pointsOf)) {
      const labels = sortedLabels({ ...JOB, ...more, ...own, __name__: name });
      const key = JSON.stringify(labels);
      const series = found.get(key) ?? emptySeries(labels);
      found.set(key, series);
      // An SLO that is listed twice counts once.
      series.samples.set(each.atMs, { atMs: each.atMs, value: isEnd ? "stale" : numberOf(value) });
      series.exemplars.push(...exemplars);
    }
  }
  return [...found.values()].map(({ labels, samples, exemplars }) => ({
    labels,
    samples: [...samples.values()],
    // A server refuses those that are older than the one before.
    exemplars: exemplars.sort((a, b) => a.atMs - b.atMs),
  }));
}

function emptySeries(labels: Found["labels"]): Found {
  return { labels, samples: new Map(), exemplars: [] };
}

function pointsOf(metric: SentMetric): readonly Point[] {
  if (metric.type !== "histogram") return [metric];
  const { name, labels, value, exemplars = [] } = metric;
  const bounds = [...LATENCY_BOUNDS_S, Number.POSITIVE_INFINITY];
  return [
    ...bounds.map((boundS, at) => ({
      name: `${name}_bucket`,
      labels: { ...labels, le: boundS === Number.POSITIVE_INFINITY ? "+Inf" : String(boundS) },
      value: value.atMost[at] ?? value.count,
      // Each in the first bucket that counts it.
      exemplars: exemplars.filter((each) => each.value <= boundS && each.value > (bounds[at - 1] ?? -1)),
    })),
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
