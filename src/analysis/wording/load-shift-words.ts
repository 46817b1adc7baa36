/** A load that differed, in words. */

import { loadText } from "./wording.js";

/** What a load asked for on average, in the one time and in the other. */
export type LoadShift = {
  readonly before: number;
  readonly now: number;
  /** What both count. */
  readonly counts: "requests_per_s" | "journeys_per_s" | "connections";
};

/** "100/s in the baseline and 300/s under the fault" */
export function loadShiftText(shift: LoadShift): string {
  return `${loadOf(shift, shift.before)} in the baseline and ${loadOf(shift, shift.now)} under the fault`;
}

export function loadShiftSentence(shift: LoadShift): string {
  return `The load differed (on average ${loadShiftText(shift)}), so what changed may be its doing and not the fault's.`;
}

/** Of the trials of a search: from the least load to the greatest. */
export function loadShiftOfTrialsText(shift: LoadShift): string {
  const range = `from ${loadOf(shift, shift.before)} to ${loadOf(shift, shift.now)}`;
  return `The load differed from trial to trial (on average ${range}), so where it breaks may be its doing and not the fault's.`;
}

function loadOf({ counts }: LoadShift, value: number): string {
  const unit = counts === "journeys_per_s" ? "journeys" : "requests";
  return loadText({ model: { kind: counts === "connections" ? "closed" : "open" }, unit }, value);
}
