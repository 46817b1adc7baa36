import { plainFamily } from "./plain.js";

/** Time from a fault's injection until an SLO is visibly broken. */
export const detection = plainFamily(
  "detection",
  {
    unit: "s",
    // "not seen for 10 s" is a promise as much as "seen within 5 s".
    promise: "either",
    timing: "fault",
    noWindow: "detection is one moment",
    abort: { refusal: "detection is known only afterwards, so it cannot abort a run", suggestion: null },
    value: () => null,
  },
  { otherNames: /^(mttd|detect|detection_time|time_to_detect|time_to_detection)$/ },
);
