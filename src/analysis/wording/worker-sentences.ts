import type { WorkerRecord } from "../../measure/workers/worker-record.js";
import { countOf } from "../../support/count-of.js";
import { formatCount, formatMs, formatRatio, formatSeconds } from "../../support/format.js";

/**
 * Why a phase shows less than was planned.
 * @param share requests that were due from them, and from all. null: nobody knows, as there is no schedule.
 */
export function lostWorkersText(
  workers: readonly string[],
  share: { readonly lost: number; readonly due: number } | null,
): string {
  const who = workers.length === 1 ? `Worker ${workers[0]} was` : `Workers ${workers.join(", ")} were`;
  const what =
    share === null
      ? `its connections asked nothing any more`
      : `${formatRatio(share.lost / share.due)} of what was due (${formatCount(share.lost)} of ${countOf(share.due, "request")}) was not offered, or nobody heard of it`;
  return `${who} lost, so ${what}: a pass needs the whole load.`;
}

/** @returns null when the worker was not lost. */
export function lostWorkerSentence({ name, host, lost }: WorkerRecord): string | null {
  if (lost === null) return null;
  return `Worker ${name} on ${host} was lost after ${formatSeconds(lost.atS)}: ${lost.reason}.`;
}

/** "± 0.12 ms, and 3.4 ms late at most". */
export function workerClockText({ clock, lateMs }: WorkerRecord): string {
  const late = lateMs > 0 ? `, and ${formatMs(lateMs)} late at most` : "";
  return `± ${formatMs(clock.errorMs)}${late}`;
}
