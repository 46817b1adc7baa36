import { badShareOf } from "../observations.js";
import { plainFamily } from "./plain.js";

/** Share of the due requests whose answer was a fallback. */
export const degraded = plainFamily(
  "degraded",
  {
    unit: "ratio",
    promise: "at_most",
    abort: {
      refusal: "an abort condition does not see which answers are degraded; use a promise",
      suggestion: null,
    },
    bad: {
      words: () => "were degraded",
      may: "may be",
      of: (observed, { request }) => observed.degraded?.(request) ?? null,
    },
    value(of, request) {
      const series = of.degraded?.(request);
      return series ? badShareOf(series) : null;
    },
    ofBadShare: (badShare) => badShare,
    budget: ({ target }) => (target.kind === "absolute" ? target.value : null),
  },
  { otherNames: /^(fallbacks?|degradation|degraded_rate)$/ },
);
