import { plainFamily } from "./plain.js";

/** Time from a fault's removal until the system is back at its SLOs. */
export const recovery = plainFamily(
  "recovery",
  {
    unit: "s",
    promise: "at_most",
    timing: "recovery",
    noWindow: "recovery is one moment",
    abort: { refusal: "recovery is known only afterwards, so it cannot abort a run", suggestion: null },
    value: () => null,
  },
  { otherNames: /^(rto|mttr|recover|recovery_time|time_to_recover|time_to_recovery)$/ },
);
