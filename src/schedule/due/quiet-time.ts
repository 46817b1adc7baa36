import type { QuietWindow } from "../../gameday/quiet/quiet-window.js";
import { localText, minuteOfDay, weekdayOf } from "./local-time.js";

/** The quiet window that an instant falls into. @returns null when a run may begin. */
export function quietAt(atMs: number, windows: readonly QuietWindow[], timezone: string): QuietWindow | null {
  const clocks = new Map<string, string>();
  const clockOf = (zone: string): string => {
    const text = clocks.get(zone) ?? localText(atMs, zone);
    clocks.set(zone, text);
    return text;
  };
  const covers = (window: QuietWindow): boolean => {
    if (window.kind === "period") {
      const local = clockOf(window.zone ?? timezone);
      return window.from <= local && local < window.to;
    }
    const local = clockOf(timezone);
    const minute = minuteOfDay(local);
    return (
      window.weekdays.includes(weekdayOf(local)) && window.fromMinute <= minute && minute < window.toMinute
    );
  };
  return windows.find(covers) ?? null;
}

const MINUTE_MS = 60_000;
/** No zone is further from UTC than 14 hours, and no change of a clock is longer than that. */
const WIDEST_OFFSET_MS = 14 * 60 * MINUTE_MS;
const LONGEST_CHANGE_MS = 3 * 60 * MINUTE_MS;

/** An instant until which the window surely lasts. It may last longer. */
export function quietUntilAtLeast(atMs: number, window: QuietWindow, timezone: string): number {
  if (window.kind === "period") return Math.max(atMs, Date.parse(`${window.to}Z`) - WIDEST_OFFSET_MS);
  const left = window.toMinute - minuteOfDay(localText(atMs, timezone));
  return Math.max(atMs, atMs + left * MINUTE_MS - LONGEST_CHANGE_MS);
}
