/** Whether the load itself differed between fault and baseline. Then a change may be the load's doing. */

import type { PhaseRecord, RecordedLoad } from "../../measure/record.js";
import { dueBetween } from "../../plan/profile.js";
import type { LoadShift } from "../wording/load-shift-words.js";

/** Two loads are the same when they differ by less than this share of the lesser one. */
const SAME_WITHIN = 0.2;

/** Mean of what the load's profile asks for: per second in the open model, connections in the closed one. */
export function meanLoad({ model }: RecordedLoad, fromS: number, toS: number): number {
  return dueBetween(model.profile, fromS * 1000, toS * 1000) / (toS - fromS);
}

/** Whether two loads differ so much that an effect may be the load's. */
export function isOtherLoad(one: number, other: number): boolean {
  const [lesser, greater] = [Math.min(one, other), Math.max(one, other)];
  return greater > lesser * (1 + SAME_WITHIN) + 1e-9;
}

/** @returns null when the loads do not differ. */
export function loadShift(load: RecordedLoad, baseline: PhaseRecord, during: PhaseRecord): LoadShift | null {
  const [before, now] = meansOf(load, [baseline, during]);
  if (before === undefined || now === undefined || !isOtherLoad(before, now)) return null;
  return { before, now, counts: countsOf(load) };
}

function countsOf({ model, unit }: RecordedLoad): LoadShift["counts"] {
  if (model.kind === "closed") return "connections";
  return unit === "journeys" ? "journeys_per_s" : "requests_per_s";
}

/** The same between the trials of a search: the least load and the greatest. @returns null when they had one load. */
export function loadShiftOfTrials(load: RecordedLoad, trials: readonly PhaseRecord[]): LoadShift | null {
  const means = meansOf(load, trials);
  const [least, most] = [Math.min(...means), Math.max(...means)];
  if (means.length < 2 || !isOtherLoad(least, most)) return null;
  return { before: least, now: most, counts: countsOf(load) };
}

/** Means over the phases that lasted. */
function meansOf(load: RecordedLoad, phases: readonly PhaseRecord[]): number[] {
  return phases.flatMap(({ startS, durationS }) =>
    durationS > 0 ? [meanLoad(load, startS, startS + durationS)] : [],
  );
}
