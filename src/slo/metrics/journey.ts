import { availability } from "./availability.js";
import { plainFamily, restOf } from "./plain.js";

const share = availability.of({ kind: "availability" });

/** Share of the journeys that came to their end with every step good. */
export const journeyShare = plainFamily(
  "journey",
  {
    unit: "ratio",
    promise: "at_least",
    ofJourneys: true,
    abort: {
      refusal: "an abort condition sees requests, not journeys",
      suggestion: "availability",
    },
    value: share.value,
    ofBadShare: share.ofBadShare,
    budget: ({ target }) => (target.kind === "absolute" ? restOf(target.value) : null),
  },
  { otherNames: /^(journeys?|journey_success|flow|scenario_success)$/ },
);
