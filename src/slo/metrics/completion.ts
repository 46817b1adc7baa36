import { nearest } from "../../support/names/suggestion.js";
import type { Metric, MetricFamily } from "../metric.js";
import type { KnownNames, NameReader } from "../name-reader.js";
import type { SloMetric } from "../slo.js";
import { USUAL, withName } from "./plain.js";
import { quantile } from "./quantile.js";

/** Time from a request's acknowledgement until what it promised was seen as stored. */
export const completion: MetricFamily = {
  kind: "completion",
  form: "completion(NAME) p<N>",
  names: ["completion"],
  otherNames: /^(completed|complete|completion_time|processing|consistency|lag)$/,
  read: (word) => (word === "completion" ? { ok: true, metric: { kind: "completion" } } : null),
  readName: readCompletion,
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
    name: `${withName("completion", of)} ${share}`,
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

/** "(checkout) p95" */
function readCompletion({ kind }: SloMetric, text: NameReader, { idChecks: known }: KnownNames): SloMetric {
  const named = text.inParentheses("check");
  if (named === null) {
    const name = known?.[0]?.request ?? "NAME";
    text.failMetric(`${kind} is that of one check on ids: ${kind}(${name}) p95`, `${kind}(${name}) p95`);
  }
  const { name } = named;
  const problem = known === undefined ? null : checkProblem(name, known);
  if (problem !== null) text.failName(named, problem.message, problem.suggestion);
  const share = text.word();
  if (share === null) {
    const example = `${kind}(${name}) p95`;
    text.failNext(`which share of it? After the name follows p50, p95, p99 or max: ${example}`, example);
  }
  if (share === "max") return { kind, of: name, q: 1 };
  const read = quantile.read(share);
  if (read?.ok === false) return text.failLast(read.message, read.suggestion);
  if (read?.metric.q === undefined)
    return text.failLast(`"${share}" is no share; write p50, p95, p99 or max`, "p95");
  return { kind, of: name, q: read.metric.q };
}

/** @returns null when the name stands for one check. */
function checkProblem(
  name: string,
  known: NonNullable<KnownNames["idChecks"]>,
): { readonly message: string; readonly suggestion: string | null } | null {
  if (known.some(({ check }) => check === name)) return null;
  const about = known.filter(({ request }) => request === name);
  if (about.length === 1) return null;
  if (about.length > 1) {
    const message = `${about.length} checks hold ids of "${name}": give the name of the one that is meant`;
    return { message, suggestion: about[0]?.check ?? null };
  }
  const names = known.flatMap(({ check, request }) => [request, check]);
  const list =
    known.length === 0
      ? "the scenario has no check with `of` and `id`"
      : `known are ${known.map(({ request }) => request).join(", ")}`;
  return { message: `no check on ids is about "${name}"; ${list}`, suggestion: nearest(name, names) };
}
