import { limitOf } from "./limit-of.js";
import { plainFamily } from "./plain.js";

/** The longest request. */
export const max = plainFamily("max", {
  unit: "ms",
  promise: "at_most",
  timing: null,
  quantile: null,
  leastRequests: 1,
  noWindow: "max is the worst of the phase already",
  abort: { refusal: "one slow request is no reason to abort a run; use a percentile", suggestion: "p99" },
  value: (of, request) => of.quantile(request, 1),
  budget: ({ target }) => (target.kind === "absolute" ? { budget: 0, limitUs: limitOf(target.value) } : null),
});
