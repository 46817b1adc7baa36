import type { Metric, MetricFamily } from "../metric.js";
import { USUAL } from "./plain.js";
import { quantile } from "./quantile.js";

/** Time from a request's acknowledgement until what it promised was seen as stored. */
export const completion: MetricFamily = {
  kind: "completion",
  form: "completion(NAME) p<N>",
  about: "check",
  names: ["completion"],
  otherNames: /^(completed|complete|completion_time|processing|consistency|lag)$/,
  read: (word) => (word === "completion" ? { ok: true, metric: { kind: "completion" } } : null),
  problem({ of, q }) {
    if (typeof of !== "string" || of === "")
      return { key: "of", expected: "expected the name of a request or check" };
    if (q === 1) return null;
    return quantile.problem?.({ kind: "quantile", ...(q === undefined ? {} : { q }) }) ?? null;
  },
  of: ({ of, q }) => completionOf(String(of), Number(q)),
};

function completionOf(of: string, q: number): Metric {
  const share = q === 1 ? "max" : quantile.of({ kind: "quantile", q }).name;
  return {
    ...USUAL,
    spec: { kind: "completion", of, q },
    name: `completion(${/["()]/.test(of) ? `"${of}"` : of}) ${share}`,
    unit: "ms",
    promise: "at_most",
    leastRequests: q === 1 ? 1 : quantile.of({ kind: "quantile", q }).leastRequests,
    noWindow: "completion is judged over a whole phase",
    fact: q === 1 ? "the longest completion of the phase" : null,
    completion: { of, q },
    abort: {
      refusal: "completion is known only after the load, so it cannot abort a run",
      suggestion: null,
    },
    value: (observed) => observed.completions?.(of)?.quantile(q, "at_most") ?? null,
  };
}
