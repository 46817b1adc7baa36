import ICAL from "ical.js";
import { messageOf } from "../../support/errors.js";
import type { QuietPeriod } from "./quiet-window.js";

/** Repeating events are followed for this long. When the file is read again, it goes further. */
const AHEAD_DAYS = 6 * 366;
const BACK_DAYS = 40;
const DAY_MS = 24 * 3_600_000;
/** Limit for one file: a rule that repeats every second would never come to an end. */
const MOST_OCCURRENCES = 10_000;

const LOCAL_TIME = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d))?/;

/** Why a calendar cannot be used. */
export class CalendarProblem extends Error {
  /** The text that is wrong, if it is known. */
  readonly quoted: string | null;

  constructor(message: string, quoted: string | null = null) {
    super(message);
    this.quoted = quoted;
  }
}

/**
 * The events of an iCalendar file (RFC 5545), from shortly before `nowMs` on.
 * @throws CalendarProblem.
 */
export function readCalendar(text: string, nowMs: number): readonly QuietPeriod[] {
  try {
    return eventsOf(text, nowMs);
  } catch (error) {
    if (error instanceof CalendarProblem) throw error;
    // The library throws plain errors for what it cannot read.
    const message = messageOf(error);
    throw new CalendarProblem(message, /"([^"]+)"$/.exec(message)?.[1] ?? null);
  }
}

function eventsOf(text: string, nowMs: number): readonly QuietPeriod[] {
  const jCal: unknown = ICAL.parse(text);
  if (!Array.isArray(jCal) || jCal[0] !== "vcalendar") {
    throw new CalendarProblem("it does not begin with BEGIN:VCALENDAR");
  }
  const periods: QuietPeriod[] = [];
  const limits = {
    fromMs: nowMs - BACK_DAYS * DAY_MS,
    toMs: nowMs + AHEAD_DAYS * DAY_MS,
    left: MOST_OCCURRENCES,
  };
  for (const component of new ICAL.Component(jCal).getAllSubcomponents("vevent")) {
    if (component.getFirstPropertyValue("status") === "CANCELLED") continue;
    refuseInvalid(component);
    const event = new ICAL.Event(component);
    // An exception comes up among the occurrences of its own event.
    if (!event.isRecurrenceException()) periods.push(...occurrences(event, limits));
  }
  return periods;
}

/** The library turns 2026-13-40 into 2027-02-09. */
function refuseInvalid(component: ICAL.Component): void {
  const name = nameOf(component.getFirstPropertyValue("summary"));
  if (!component.hasProperty("dtstart")) throw new CalendarProblem(`${name} has no DTSTART`, "BEGIN:VEVENT");
  for (const key of ["dtstart", "dtend"]) {
    const property = component.getFirstProperty(key);
    const written: unknown = property?.toJSON()[3];
    if (!property || (typeof written === "string" && isValid(written))) continue;
    throw new CalendarProblem(`${name} has no valid ${key.toUpperCase()}`, property.toICALString());
  }
}

function nameOf(summary: unknown): string {
  return typeof summary === "string" && summary !== "" ? `"${summary}"` : "an event";
}

/** Whether a calendar has such a date, and a clock such a time. */
function isValid(written: string): boolean {
  const [, date, clock = "00:00:00"] = LOCAL_TIME.exec(written) ?? [];
  const text = `${date}T${clock}`;
  const at = Date.parse(`${text}Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 19) === text;
}

interface Limits {
  readonly fromMs: number;
  readonly toMs: number;
  left: number;
}

function occurrences(event: ICAL.Event, limits: Limits): readonly QuietPeriod[] {
  if (!event.isRecurring()) return periodsOf(event, event.startDate, event.endDate, limits);
  const periods: QuietPeriod[] = [];
  const each = event.iterator();
  for (let at = each.next(); at && at.toJSDate().getTime() < limits.toMs; at = each.next()) {
    limits.left -= 1;
    if (limits.left < 0) {
      throw new CalendarProblem(`"${event.summary}" repeats too often: more than ${MOST_OCCURRENCES} times`);
    }
    const { item, startDate, endDate } = event.getOccurrenceDetails(at);
    periods.push(...periodsOf(item, startDate, endDate, limits));
  }
  return periods;
}

function periodsOf(
  event: ICAL.Event,
  start: ICAL.Time,
  end: ICAL.Time,
  { fromMs }: Limits,
): readonly QuietPeriod[] {
  const zone = zoneOf(event, start);
  const from = localText(start, zone);
  const to = localText(end, zone);
  if (Date.parse(`${to}Z`) < fromMs) return [];
  return [
    { kind: "period", from, to, zone: zone === "in UTC" ? "UTC" : zone, text: event.summary || "an event" },
  ];
}

/** @returns null for the reader's own clock; "in UTC" when the file itself says how to get there. */
function zoneOf(event: ICAL.Event, time: ICAL.Time): string | null {
  if (time.isDate) return null;
  const named: unknown = event.component.getFirstProperty("dtstart")?.getFirstParameter("tzid");
  if (typeof named !== "string") return time.zone?.tzid === "UTC" ? "UTC" : null;
  if (isZone(named)) return named;
  if (event.component.getTimeZoneByID(named)) return "in UTC";
  throw new CalendarProblem(`${nameOf(event.summary)}: no time zone is known as ${named}`, named);
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function localText(time: ICAL.Time, zone: string | null): string {
  const shown = zone === "in UTC" ? time.convertToZone(ICAL.Timezone.utcTimezone) : time;
  const [, date, clock = "00:00:00"] = LOCAL_TIME.exec(shown.toString()) ?? [];
  return `${date}T${clock}`;
}
