import type { Metric, MetricFamily } from "../metric.js";

/** A family of one metric, which is called by its kind and has no parameters. */
export function plainFamily(
  kind: string,
  metric: Omit<Metric, "spec" | "name">,
  others: Pick<MetricFamily, "otherNames"> = {},
): MetricFamily {
  const spec = { kind };
  const only: Metric = { ...metric, spec, name: kind };
  return {
    kind,
    form: kind,
    names: [kind],
    ...others,
    read: (word) => (word === kind ? { ok: true, metric: spec } : null),
    of: () => only,
  };
}
