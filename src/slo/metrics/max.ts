import { latencyTargetUs, plainFamily } from "./plain.js";

/** The longest request. */
export const max = plainFamily("max", {
  unit: "ms",
  promise: "at_most",
  noWindow: "max is the worst of the phase already",
  fact: "the longest request of the phase",
  abort: { refusal: "one slow request is no reason to abort a run; use a percentile", suggestion: "p99" },
  value: (of, request) => of.quantile(request, 1),
  limitUs: latencyTargetUs,
  budget: ({ target }) => (target.kind === "absolute" ? 0 : null),
});
