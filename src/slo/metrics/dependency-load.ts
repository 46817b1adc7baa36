import type { Metric, MetricFamily } from "../metric.js";
import type { Crossing, Observations } from "../observations.js";
import { USUAL } from "./plain.js";

/** Requests of HTTP a second that a system sends to what stands behind a proxy. Each try of a retry counts. */
export const attempts = family(
  "attempts",
  "requests",
  "http proxy",
  /^(attempt|calls|retries|upstream_requests)$/,
);

/** Connections a second that a system opens to what stands behind a proxy. */
export const connections = family("connections", "opened", "proxy", /^(connection|conns?|connects|dials)$/);

function family(
  kind: string,
  counts: Crossing,
  about: NonNullable<MetricFamily["about"]>,
  otherNames: RegExp,
): MetricFamily {
  return {
    kind,
    form: `${kind}(PROXY)`,
    about,
    names: [kind],
    otherNames,
    read: (word) => (word === kind ? { ok: true, metric: { kind } } : null),
    problem: ({ proxy }) =>
      typeof proxy === "string" && proxy !== ""
        ? null
        : { key: "proxy", expected: "expected a proxy's name" },
    of: ({ proxy }) => loadOn(String(proxy), kind, counts),
  };
}

function loadOn(proxy: string, kind: string, counts: Crossing): Metric {
  return {
    ...USUAL,
    spec: { kind, proxy },
    name: `${kind}(${proxy})`,
    unit: "per_s",
    promise: "at_most",
    crossing: { proxy, counts },
    abort: {
      refusal: `${kind} are read from counters that an abort condition does not see`,
      suggestion: null,
    },
    value: (of) => meanPerS(of, proxy, counts),
  };
}

function meanPerS(of: Observations, proxy: string, counts: Crossing): number | null {
  const crossed = of.crossed?.(proxy, counts);
  if (!crossed) return null;
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const seconds = sum(crossed.lengthS);
  return seconds > 0 ? sum(crossed.counts) / seconds : null;
}
