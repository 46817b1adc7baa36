import { formatCount, formatRatio } from "../../support/format.js";
import type { Metric, MetricFamily, MetricRead } from "../metric.js";
import { latencyTargetUs, restOf, USUAL } from "./plain.js";

/** Kept, because judging asks often and a run has few of them. */
const MADE = new Map<number, Metric>();

/** Latency that a share of all requests keeps to. Failures are longer than anything. */
export const quantile: MetricFamily = {
  kind: "quantile",
  form: "p<N>",
  names: ["p50", "p90", "p95", "p99", "p999"],
  otherNames: /^(latency|duration|response_time|p\d{1,2}(\.\d+|\d*)|median|mean|avg|average)$/,
  suggest: (word) => (/^p\d/.test(word) ? word : /^(median|mean|avg|average)$/.test(word) ? "p50" : "p99"),
  read: (word) => (/^p\d/.test(word) ? readQuantile(word) : null),
  problem({ q }) {
    if (typeof q !== "number") return { key: "q", expected: "expected a number" };
    if (!(q > 0)) return { key: "q", expected: "expected a number above 0" };
    return q < 1 ? null : { key: "q", expected: "expected a number below 1" };
  },
  of({ q }) {
    const share = Number(q);
    const known = MADE.get(share) ?? quantileOf(share);
    MADE.set(share, known);
    return known;
  },
};

function quantileOf(q: number): Metric {
  return {
    ...USUAL,
    spec: { kind: "quantile", q },
    // 0.999 · 100 is 99.9 only after rounding.
    name: `p${Number((q * 100).toPrecision(12))}`,
    unit: "ms",
    promise: "at_most",
    quantile: q,
    leastRequests: Math.ceil(1 / (1 - q) - 1e-6),
    abort: {
      look(_, { ok, failed, slow }) {
        const ended = ok + failed;
        if (ended === 0) return null;
        // "p99 > X" is the same as "more than 1 % failed or took longer than X".
        const bad = failed + slow;
        return {
          isMet: bad / ended > 1 - q + 1e-12,
          seen: `${formatRatio(bad / ended)} of ${formatCount(ended)} requests failed or took longer`,
        };
      },
    },
    value: (of, request) => of.quantile(request, q),
    limitUs: latencyTargetUs,
    budget: ({ target }) => (target.kind === "absolute" ? restOf(q) : null),
  };
}

/** p99, p99.9, p999: after the second digit a decimal point is implied. */
function readQuantile(word: string): MetricRead {
  const no = (message: string, suggestion: string | null = null): MetricRead => ({
    ok: false,
    message,
    suggestion,
  });
  const match = /^p(\d{1,2})(\d*|\.\d+)$/.exec(word);
  if (!match) return no(`"${word}" is not a percentile; write p99 or p99.9`);
  const [, whole = "", rest = ""] = match;
  if (whole === "10" && /^0+$/.test(rest)) return no("the 100th percentile is called max", "max");
  const percent = Number(`${whole}${rest === "" || rest.startsWith(".") ? rest : `.${rest}`}`);
  if (!(percent > 0) || (whole.length === 2 && whole.startsWith("0"))) {
    return no(`"${word}" is not a percentile; write p50, p99 or p99.9`);
  }
  if (rest.length > 7) return no("at most six digits can follow the decimal point of a percentile");
  return { ok: true, metric: { kind: "quantile", q: Number((percent / 100).toPrecision(12)) } };
}
