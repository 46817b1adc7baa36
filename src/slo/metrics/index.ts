import { nearest } from "../../support/names/suggestion.js";
import type { Metric, MetricFamily, MetricProblem, MetricRead } from "../metric.js";
import type { SloMetric } from "../slo.js";
import { METRICS } from "./table.js";

/**
 * The metric that this data stands for.
 * @throws for an unknown kind, or for parameters that are not its own.
 */
export function metricOf(spec: SloMetric): Metric {
  const problem = metricProblem(spec);
  if (problem) throw new Error(`${problem.key} of a metric: ${problem.expected}`);
  return familyOf(spec)!.of(spec);
}

/** The metric that a word of the language names. @returns null when it names none. */
export function readMetric(word: string): MetricRead | null {
  for (const family of METRICS) {
    const read = family.read(word);
    if (read !== null) return read;
  }
  return null;
}

/** What is wrong with data from outside. @returns null when it is a metric. */
export function metricProblem(spec: SloMetric): MetricProblem | null {
  const family = familyOf(spec);
  if (!family) return { key: "kind", expected: "expected a metric" };
  return family.problem?.(spec) ?? null;
}

/** Whether two promises are about the same thing, whatever share of requests they ask it of. p95 and p99 are. */
export function isSameKind(one: SloMetric, other: SloMetric): boolean {
  return (
    one.kind === other.kind &&
    one.proxy === other.proxy &&
    one.of === other.of &&
    one.signal === other.signal &&
    one.alert === other.alert &&
    one.measure === other.measure
  );
}

/** How the name in parentheses behind a metric is read. @returns null where it is that of a request. */
export function nameReadingOf(spec: SloMetric): NonNullable<MetricFamily["readName"]> | null {
  return familyOf(spec)?.readName ?? null;
}

function familyOf({ kind }: SloMetric): MetricFamily | undefined {
  return METRICS.find((family) => family.kind === kind);
}

/** Names that an SLO may begin with. Of percentiles only the usual ones. */
export function metricNames(): string[] {
  return METRICS.flatMap(({ names }) => names);
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
  const names = metricNames();
  const abbreviated = folded.length < 3 ? undefined : names.find((name) => name.startsWith(folded));
  return abbreviated ?? nearest(folded, names);
}
