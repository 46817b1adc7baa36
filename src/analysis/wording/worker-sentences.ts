import type { WorkerRecord } from "../../measure/workers/worker-record.js";
import { countOf } from "../../support/count-of.js";
import { formatCount, formatMs, formatRatio, formatSeconds } from "../../support/format.js";

/** More of them are only counted. report.json has them all. */
const MOST_NAMED = 10;

/**
 * Why a phase shows less than was planned.
 * @param share requests that were due from them, and from all. null: nobody knows, as there is no schedule.
 */
export function lostWorkersText(
  workers: readonly string[],
  share: { readonly lost: number; readonly due: number } | null,
): string {
  const named = workers.slice(0, MOST_NAMED).join(", ");
  const others = workers.length > MOST_NAMED ? ` and ${countOf(workers.length - MOST_NAMED, "other")}` : "";
  const who = workers.length === 1 ? `Worker ${named} was` : `Workers ${named}${others} were`;
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

/** Workers that were lost, a line for each: so many of them, and how many more. */
export function lostWorkerLines(workers: readonly WorkerRecord[]): readonly string[] {
  const lines = workers.flatMap((worker) => lostWorkerSentence(worker) ?? []);
  if (lines.length <= MOST_NAMED) return lines;
  const more = lines.length - MOST_NAMED;
  const who = more === 1 ? "1 more worker was" : `${formatCount(more)} more workers were`;
  return [...lines.slice(0, MOST_NAMED), `${who} lost: report.json says when and why.`];
}

/** "± 0.12 ms, and 3.4 ms late at most". */
export function workerClockText({ clock, lateMs }: WorkerRecord): string {
  const late = lateMs > 0 ? `, and ${formatMs(lateMs)} late at most` : "";
  return `± ${formatMs(clock.errorMs)}${late}`;
}
