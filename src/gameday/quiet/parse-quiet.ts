import { fold } from "../../scenario/diagnostics/did-you-mean.js";
import type { QuietPeriod, QuietWindow } from "./quiet-window.js";

const DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const MIDNIGHT = 24 * 60;

const TIME = String.raw`(\d{1,2}):(\d\d)`;
const HOURS = new RegExp(`^(?:after ${TIME}|before ${TIME}|${TIME} ?- ?${TIME})$`, "i");
const DATES = /^(\d{4}-\d\d-\d\d)(?: ?\.\. ?(\d{4}-\d\d-\d\d))?$/;

/**
 * Reads "Fri after 15:00", "Sat, Sun", "Mon-Thu before 9:00", "daily 12:00-13:00", "2026-12-24",
 * "2026-12-20..2027-01-06" (the last day is quiet, too).
 * @returns null when it is none of these.
 */
export function parseQuiet(text: string): QuietWindow | null {
  return periodOf(text.trim()) ?? weekdaysOf(text.trim());
}

function periodOf(text: string): QuietPeriod | null {
  const [, first = "", last = first] = DATES.exec(text) ?? [];
  const after = dayAfter(last);
  if (dayAfter(first) === null || after === null || last < first) return null;
  return { kind: "period", from: `${first}T00:00:00`, to: `${after}T00:00:00`, zone: null, text };
}

/** @returns null when there is no such date. */
function dayAfter(date: string): string | null {
  const at = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== date) return null;
  return new Date(at + 24 * 3_600_000).toISOString().slice(0, 10);
}

function weekdaysOf(text: string): QuietWindow | null {
  const hoursAt = text.search(/\b(after|before)\b|\d{1,2}:\d\d/i);
  const weekdays = daysOf(hoursAt < 0 ? text : text.slice(0, hoursAt));
  const hours = hoursAt < 0 ? { fromMinute: 0, toMinute: MIDNIGHT } : hoursOf(text.slice(hoursAt).trim());
  if (weekdays === null || hours === null) return null;
  return { kind: "weekday", weekdays, ...hours, text };
}

function hoursOf(text: string): { readonly fromMinute: number; readonly toMinute: number } | null {
  const match = HOURS.exec(text);
  if (!match) return null;
  const [after, before, from, to] = [1, 3, 5, 7].map((at) => minuteOf(match[at], match[at + 1]));
  const fromMinute = after ?? from ?? 0;
  const toMinute = before ?? to ?? MIDNIGHT;
  return fromMinute < toMinute && toMinute <= MIDNIGHT ? { fromMinute, toMinute } : null;
}

/** @returns undefined when it is missing, NaN when no clock shows it. */
function minuteOf(hour: string | undefined, minute: string | undefined): number | undefined {
  if (hour === undefined || minute === undefined) return undefined;
  const at = Number(hour) * 60 + Number(minute);
  return Number(minute) < 60 && at <= MIDNIGHT ? at : Number.NaN;
}

function daysOf(text: string): readonly number[] | null {
  const named = fold(text);
  if (named === "daily" || named === "everyday") return [0, 1, 2, 3, 4, 5, 6];
  if (named === "weekdays") return [1, 2, 3, 4, 5];
  if (named === "weekends") return [0, 6];
  const days = new Set<number>();
  for (const part of text.split(",")) {
    const [first, last, more] = part.split("-").map(dayOf);
    if (first === undefined || first === null || last === null || more !== undefined) return null;
    for (let day = first; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === (last ?? first)) break;
    }
  }
  return [...days].sort((a, b) => a - b);
}

/** "Fri", "friday": three letters or all of them. */
function dayOf(word: string): number | null {
  const name = word.trim().toLowerCase();
  const day = DAYS.findIndex((one) => one === name || one.slice(0, 3) === name);
  return day < 0 ? null : day;
}
