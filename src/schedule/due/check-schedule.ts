import type { GameDay } from "../../gameday/read-game-day.js";
import type { Diagnostics } from "../../scenario/diagnostics/diagnostic.js";
import { didYouMean } from "../../scenario/diagnostics/did-you-mean.js";
import type { Span } from "../../scenario/text/source.js";
import { CRON_FIELDS, fieldsOf, problemOf } from "./cron-line.js";
import { DueRuns, type Schedule, scheduleOf } from "./due-runs.js";
import { isTimeZone, shownTime } from "./local-time.js";
import { quietUntilAtLeast } from "./quiet-time.js";

/** How many neighbours are looked at for the least time between two runs. */
const GAPS = 50;
/** No rule of a calendar takes longer than this to come round. */
const YEARS_AHEAD = 6;
const YEAR_MS = 366 * 24 * 3_600_000;
const MOST_LOOKS = 20_000;

type Checked = Pick<GameDay, "data" | "quiet" | "placeOf">;

/** Complains about a schedule that can never run, or that means something else than its author probably meant. */
export function checkSchedule(gameDay: Checked, nowMs: number, diagnostics: Diagnostics): void {
  const schedule = scheduleOf(gameDay);
  if (schedule === null) return;
  const { placeOf } = gameDay;
  const zoneIsKnown = isTimeZone(schedule.timezone);
  if (!zoneIsKnown) {
    const guess = didYouMean(schedule.timezone, Intl.supportedValuesOf("timeZone"));
    diagnostics.malformed(
      "unknown-name",
      placeOf("schedule", "timezone"),
      `no time zone is called \`${schedule.timezone}\`${guess}`,
      "Name it as the time zone database does, such as Europe/Berlin or UTC.",
    );
  }
  const isValid = checkCron(schedule.cron, placeOf("schedule", "cron"), diagnostics);
  if (!zoneIsKnown || !isValid) return;
  const runs = new DueRuns(schedule);
  if (runs.after(nowMs) === null) {
    const message = `no day is one of \`${schedule.cron}\`: it never runs`;
    diagnostics.malformed(
      "wrong-value",
      placeOf("schedule", "cron"),
      message,
      "Does that month have that day?",
    );
    return;
  }
  checkJitter(schedule, runs, nowMs, placeOf("schedule", "jitter"), diagnostics);
  checkQuiet(schedule, runs, nowMs, placeOf("quiet"), diagnostics);
}

const WORDS = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/** What may stand in each of the five fields. */
const FIELD_HELP = [
  "0 to 59, lists (0,30), ranges (0-30) and steps (*/10).",
  "0 to 23, lists (9,17), ranges (9-17) and steps (*/6).",
  "1 to 31, lists, ranges, steps, L for the last day.",
  "1 to 12 or JAN to DEC, lists, ranges and steps.",
  "0 to 7 or SUN to SAT, lists, ranges, MON#1 for the first Monday.",
];

/** @returns whether it is valid. */
function checkCron(line: string, place: Span, diagnostics: Diagnostics): boolean {
  const problem = problemOf(line);
  if (problem === null) return true;
  if (problem.field === null) {
    diagnostics.malformed(
      "wrong-value",
      place,
      problem.message,
      'Write "0 10 * * FRI" for Fridays at 10:00.',
    );
    return false;
  }
  const field = fieldsOf(line)[problem.field] ?? "";
  const words = [[], [], [], MONTHS, WORDS][problem.field] ?? [];
  const guess = didYouMean(field.toUpperCase(), words);
  const help = `${CRON_FIELDS[problem.field]}: ${FIELD_HELP[problem.field]}`;
  const message = `\`${field}\`: ${problem.message}${guess}`;
  diagnostics.malformed("wrong-value", fieldPlace(place, line, problem.field), message, help);
  return false;
}

/** The field in the line, when the file holds the line as it is. Else the whole value. */
function fieldPlace(place: Span, line: string, field: number): Span {
  const lineAt = place.source.text.slice(place.start, place.end).indexOf(line);
  if (lineAt < 0) return place;
  const [found, before = ""] = new RegExp(`^(\\s*(?:\\S+\\s+){${field}})\\S+`).exec(line) ?? [];
  if (found === undefined) return place;
  const start = place.start + lineAt;
  return { source: place.source, start: start + before.length, end: start + found.length };
}

/** Runs must stay in order. */
function checkJitter(
  { jitterMs }: Schedule,
  runs: DueRuns,
  nowMs: number,
  place: Span,
  diagnostics: Diagnostics,
): void {
  if (jitterMs === 0) return;
  let earlier = runs.after(nowMs);
  for (let looked = 0; earlier !== null && looked < GAPS; looked += 1) {
    const next = runs.after(earlier.nominalMs);
    if (next === null) return;
    if (next.nominalMs - earlier.nominalMs <= jitterMs) {
      const minutes = Math.round((next.nominalMs - earlier.nominalMs) / 60_000);
      const message = `runs are ${minutes} min apart, so a jitter this long would let one overtake the next`;
      diagnostics.error("conflict", place, message, `Write less than ${minutes}m.`);
      return;
    }
    earlier = next;
  }
}

function checkQuiet(
  { timezone }: Schedule,
  runs: DueRuns,
  nowMs: number,
  place: Span,
  diagnostics: Diagnostics,
): void {
  const endMs = nowMs + YEARS_AHEAD * YEAR_MS;
  let due = runs.startingAfter(nowMs);
  for (let looked = 0; due?.quiet && due.nominalMs < endMs && looked < MOST_LOOKS; looked += 1) {
    const fromMs = quietUntilAtLeast(due.startMs, due.quiet, timezone) - 1;
    due = fromMs > due.startMs ? runs.startingAfter(fromMs) : runs.after(due.nominalMs);
  }
  if (due !== null && due.quiet === null && due.nominalMs < endMs) return;
  const until = due === null ? "" : ` until ${shownTime(due.startMs, timezone)}`;
  const message = `quiet times cover every run${until}: it never runs`;
  diagnostics.error("conflict", place, message, "Leave a time that the cron line of schedule: names.");
}
