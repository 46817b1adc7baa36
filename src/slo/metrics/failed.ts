import { formatMs } from "../../support/format.js";
import type { Metric, MetricFamily, MetricRead } from "../metric.js";
import { latencyTargetUs, restOf, USUAL } from "./plain.js";
import { quantile } from "./quantile.js";

const KIND = "time_to_failure";
const PREFIX = "failed.";
/** Kept, because judging asks often and a run has few of them. */
const MADE = new Map<number, Metric>();

/** How long the requests that fail take to do so. A system that cannot answer says so at once, or lets its callers wait. */
export const failed: MetricFamily = {
  kind: KIND,
  form: "failed.p<N>",
  names: ["failed.p99", "failed.p50", "failed.p90", "failed.p95", "failed.max"],
  otherNames: /^(failed|failures?|time_to_failure|ttf|fail_fast|failed_(p\d+|max)|failures?\.\w+)$/,
  read: (word) => (word.startsWith(PREFIX) ? readOf(word) : null),
  problem({ q }) {
    if (typeof q !== "number") return { key: "q", expected: "expected a number" };
    if (!(q > 0)) return { key: "q", expected: "expected a number above 0" };
    return q <= 1 ? null : { key: "q", expected: "expected a number of 1 or less" };
  },
  of({ q }) {
    const share = Number(q);
    const known = MADE.get(share) ?? failedOf(share);
    MADE.set(share, known);
    return known;
  },
};

/** `q` 1: the slowest failure. */
function failedOf(q: number): Metric {
  const percent = `p${Number((q * 100).toPrecision(12))}`;
  const isMax = q === 1;
  return {
    ...USUAL,
    spec: { kind: KIND, q },
    name: `${PREFIX}${isMax ? "max" : percent}`,
    unit: "ms",
    promise: "at_most",
    quantile: isMax ? null : q,
    leastRequests: isMax ? 1 : Math.ceil(1 / (1 - q) - 1e-6),
    fact: isMax ? "the slowest failure of the phase" : null,
    noWindow: "it is about all failures of a phase, as few of them may come in any window",
    noBaseline: "a healthy baseline has no failures to compare with; give a duration",
    among: "failed",
    abort: {
      refusal: "an abort condition does not see how long failures took; use a percentile of all requests",
      suggestion: "p99",
    },
    bad: {
      words: (slo) =>
        `took ${formatMs(slo.target.kind === "absolute" ? slo.target.value : 0)} or longer to fail`,
      may: "may",
      of(observed, slo) {
        const limitUs = latencyTargetUs(slo);
        return limitUs === null ? null : (observed.failed?.()?.slower(slo.request, limitUs) ?? null);
      },
    },
    value: (of, request) => of.failed?.()?.quantile(request, q) ?? null,
    limitUs: latencyTargetUs,
    budget: ({ target }) => (target.kind === "absolute" ? restOf(q) : null),
  };
}

/** "failed.p99" and "failed.max". */
function readOf(word: string): MetricRead {
  const what = word.slice(PREFIX.length);
  if (what === "max") return { ok: true, metric: { kind: KIND, q: 1 } };
  const read = quantile.read(what);
  if (read === null) {
    const message = `"${word}" is not known; of failures there are failed.p99 (any percentile) and failed.max`;
    return { ok: false, message, suggestion: "failed.p99" };
  }
  if (read.ok) return { ok: true, metric: { ...read.metric, kind: KIND } };
  return { ...read, suggestion: read.suggestion === null ? null : `${PREFIX}${read.suggestion}` };
}
