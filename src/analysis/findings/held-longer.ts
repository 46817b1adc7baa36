/**
 * A fault stays in place until the judged requests that met it have ended. That can be longer than planned by their
 * timeout.
 */

import type { FaultRecord, RunRecord } from "../../measure/record.js";
import { formatSeconds } from "../../support/format.js";
import type { FaultReport } from "../document/report.js";

/** Any change of a fault takes up to this many seconds. Less is not worth a word. */
const LEAST_TOLD_S = 1;

/** @returns null when the fault was in place as long as planned, or when that is not known. */
export function heldLonger(
  { name, injectedAtS, removedAtS }: FaultRecord,
  { plannedPhases, ending }: RunRecord,
): NonNullable<FaultReport["heldLonger"]> | null {
  const planned = plannedPhases.find(({ kind, fault }) => kind === "fault" && fault === name);
  if (planned === undefined || injectedAtS === null || removedAtS === null) return null;
  // A run that was stopped takes its faults out as soon as it can.
  if (ending.kind !== "completed") return null;
  const plannedS = planned.durationMs / 1000;
  const heldS = Math.round((removedAtS - injectedAtS) * 10) / 10;
  return heldS < plannedS + LEAST_TOLD_S ? null : { plannedS, heldS };
}

export function heldLongerSentence({ plannedS, heldS }: NonNullable<FaultReport["heldLonger"]>): string {
  return `The fault was in place for ${formatSeconds(heldS)} instead of ${formatSeconds(plannedS)}: it waits until the judged requests that it met have ended.`;
}
