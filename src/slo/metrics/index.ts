import { nearest } from "../../support/suggestion.js";
import type { Metric, MetricFamily, MetricProblem } from "../metric.js";
import type { SloMetric } from "../slo.js";
import { availability } from "./availability.js";
import { detection } from "./detection.js";
import { errorRate } from "./error-rate.js";
import { max } from "./max.js";
import { quantile } from "./quantile.js";
import { recovery } from "./recovery.js";
import { throughput } from "./throughput.js";

/** Everything that an SLO can measure, in the order in which messages name it. */
export const METRICS: readonly MetricFamily[] = [
  availability,
  errorRate,
  quantile,
  max,
  throughput,
  recovery,
  detection,
];

/**
 * What this data stands for.
 * @throws for a kind that is not known, or parameters that are not its own.
 */
export function metricOf(spec: SloMetric): Metric {
  const problem = metricProblem(spec);
  if (problem) throw new Error(`${problem.key} of a metric: ${problem.expected}`);
  return familyOf(spec)!.of(spec);
}

/** For data from outside. @returns null when it is a metric. */
export function metricProblem(spec: SloMetric): MetricProblem | null {
  const family = familyOf(spec);
  if (!family) return { key: "kind", expected: "expected a metric" };
  return family.problem?.(spec) ?? null;
}

function familyOf({ kind }: SloMetric): MetricFamily | undefined {
  return METRICS.find((family) => family.kind === kind);
}

/** "availability, error_rate, p<N>, max, …" */
export function metricForms(lastWord: "or" | "and"): string {
  const forms = METRICS.map(({ form }) => form);
  return `${forms.slice(0, -1).join(", ")} ${lastWord} ${forms.at(-1)}`;
}

/** P99 and error-rate are slips of the pen, avail is an abbreviation. @returns null when nothing comes near. */
export function metricMeant(word: string): string | null {
  const folded = word.toLowerCase().replaceAll("-", "_");
  for (const family of METRICS) {
    if (family.otherNames?.test(folded)) return family.suggest?.(folded) ?? family.names[0] ?? null;
  }
  const names = METRICS.flatMap((family) => family.names);
  const abbreviated = folded.length < 3 ? undefined : names.find((name) => name.startsWith(folded));
  return abbreviated ?? nearest(folded, names);
}
