import { localText, minuteOfDay, offsetMinutes } from "../due/local-time.js";
import type { CronTimes } from "./cron-times.js";

const DAY_MS = 24 * 3_600_000;
const MINUTE_MS = 60_000;
/** A zone's changes may move in date from year to year. Two years show which hours they affect. */
const DAYS_AHEAD = 2 * 366;

/**
 * The first time of a line that a change of the clock leaves out or repeats, such as "02:30".
 * @returns null when no change affects the line.
 */
export function concernedByClockChange(
  { minutes, hours }: Pick<CronTimes, "minutes" | "hours">,
  timezone: string,
  nowMs: number,
): string | null {
  const spans = changedSpans(timezone, nowMs);
  for (const hour of hours) {
    for (const minute of minutes) {
      const at = hour * 60 + minute;
      if (spans.some(({ from, to }) => from <= at && at < to)) {
        return `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
      }
    }
  }
  return null;
}

interface ChangedSpan {
  /** Minutes since midnight that no clock shows on that day, or that it shows twice. `to` is exclusive. */
  readonly from: number;
  readonly to: number;
}

function changedSpans(timezone: string, nowMs: number): readonly ChangedSpan[] {
  const spans: ChangedSpan[] = [];
  const startMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
  for (let day = 0; day < DAYS_AHEAD; day += 1) {
    const [fromMs, toMs] = [startMs + day * DAY_MS, startMs + (day + 1) * DAY_MS];
    const before = offsetMinutes(fromMs, timezone);
    const after = offsetMinutes(toMs, timezone);
    if (before === after) continue;
    const changeMs = changeBetween(fromMs, toMs, before, timezone);
    // On the clock before the change, the change is at this minute.
    const at = minuteOfDay(localText(changeMs - MINUTE_MS, timezone)) + 1;
    spans.push(
      after > before ? { from: at, to: at + after - before } : { from: at + after - before, to: at },
    );
  }
  return spans;
}

/** The first minute of the new offset. */
function changeBetween(fromMs: number, toMs: number, before: number, timezone: string): number {
  let [low, high] = [fromMs, toMs];
  while (high - low > MINUTE_MS) {
    const middle = low + Math.floor((high - low) / 2 / MINUTE_MS) * MINUTE_MS;
    if (offsetMinutes(middle, timezone) === before) low = middle;
    else high = middle;
  }
  return high;
}
