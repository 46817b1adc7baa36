import type { Metric, MetricFamily } from "../metric.js";
import type { Slo } from "../slo.js";

/**
 * What most metrics share: they are measured over a whole phase or a window, from one request on, and judged by shares.
 */
export const USUAL = {
  timing: null,
  quantile: null,
  leastRequests: 1,
  noWindow: null,
  fact: null,
  rate: null,
  bad: null,
  among: "due",
  ofJourneys: false,
  noBaseline: null,
  crossing: null,
  signal: null,
  completion: null,
  alert: null,
  ofBadShare: () => null,
  limitUs: () => null,
  budget: () => null,
} as const satisfies Partial<Metric>;

type PlainMetric = Omit<Metric, "spec" | "name" | keyof typeof USUAL> &
  Partial<Pick<Metric, keyof typeof USUAL>>;

/** A family of one metric. It is called by its kind and has no parameters. */
export function plainFamily(
  kind: string,
  metric: PlainMetric,
  others: Pick<MetricFamily, "otherNames"> = {},
): MetricFamily {
  const spec = { kind };
  const only: Metric = { ...USUAL, ...metric, spec, name: kind };
  return {
    kind,
    form: kind,
    names: [kind],
    ...others,
    read: (word) => (word === kind ? { ok: true, metric: spec } : null),
    of: () => only,
  };
}

/** A latency target in whole microseconds, as they are counted. @returns null when it is still relative. */
export function latencyTargetUs({ target }: Slo): number | null {
  return target.kind === "absolute" ? Math.round(target.value * 1000) : null;
}

/** 1 − share, without the digits that binary fractions add: 1 − 0.999 is 0.0010000000000000009. */
export function restOf(share: number): number {
  return Number((1 - share).toPrecision(12));
}

/** A metric with the name that is a part of it: "completion(checkout)". */
export function withName(kind: string, name: string): string {
  return `${kind}(${nameAsWritten(name)})`;
}

/** A name as it stands in parentheses. */
export function nameAsWritten(name: string): string {
  return /["()<>]/.test(name) ? `"${name}"` : name;
}
