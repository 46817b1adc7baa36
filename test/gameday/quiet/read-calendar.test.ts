import { expect, test } from "vitest";
import { CalendarProblem, readCalendar } from "../../../src/gameday/quiet/read-calendar.js";
import { HOLIDAYS } from "../../helpers/game-days.js";

const NOW = Date.parse("2026-11-29T12:00:00Z");

const calendar = (...lines: readonly string[]) =>
  ["BEGIN:VCALENDAR", "VERSION:2.0", ...lines, "END:VCALENDAR"].join("\r\n");

const event = (...lines: readonly string[]) => ["BEGIN:VEVENT", "UID:e", ...lines, "END:VEVENT"];

test("events that repeat are followed from now on, whole days and times of a zone", () => {
  const periods = readCalendar(HOLIDAYS, NOW);
  expect(periods.slice(0, 2)).toEqual([
    { kind: "period", from: "2026-12-25T00:00:00", to: "2026-12-26T00:00:00", zone: null, text: "Christmas" },
    { kind: "period", from: "2027-12-25T00:00:00", to: "2027-12-26T00:00:00", zone: null, text: "Christmas" },
  ]);
  expect(periods.at(-1)).toMatchObject({
    from: "2027-01-04T10:00:00",
    to: "2027-01-04T16:00:00",
    zone: "Europe/Berlin",
  });
});

test("a zone that only the file knows is worked out from the file; UTC and floating times are told apart", () => {
  const zone = [
    "BEGIN:VTIMEZONE",
    "TZID:W. Europe Standard Time",
    "BEGIN:STANDARD",
    "DTSTART:16010101T000000",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0100",
    "END:STANDARD",
    "END:VTIMEZONE",
  ];
  const own = event(
    "DTSTART;TZID=W. Europe Standard Time:20270104T100000",
    "DTEND;TZID=W. Europe Standard Time:20270104T110000",
  );
  expect(readCalendar(calendar(...zone, ...own), NOW)).toMatchObject([
    { from: "2027-01-04T09:00:00", to: "2027-01-04T10:00:00", zone: "UTC" },
  ]);
  const utc = event("DTSTART:20270104T100000Z", "DURATION:PT1H");
  expect(readCalendar(calendar(...utc), NOW)).toMatchObject([{ to: "2027-01-04T11:00:00", zone: "UTC" }]);
  const floating = event("DTSTART:20270104T100000", "DTEND:20270104T110000");
  expect(readCalendar(calendar(...floating), NOW)).toMatchObject([{ zone: null }]);
});

test("days that were taken out, moved or cancelled are not quiet", () => {
  const series = event(
    "DTSTART;VALUE=DATE:20261201",
    "RRULE:FREQ=DAILY;COUNT=4",
    "EXDATE;VALUE=DATE:20261202",
  );
  const moved = event("RECURRENCE-ID;VALUE=DATE:20261203", "DTSTART;VALUE=DATE:20261210");
  const cancelled = [
    "BEGIN:VEVENT",
    "UID:x",
    "STATUS:CANCELLED",
    "DTSTART;VALUE=DATE:20261201",
    "END:VEVENT",
  ];
  const starts = readCalendar(calendar(...series, ...moved, ...cancelled), NOW).map(({ from }) =>
    from.slice(0, 10),
  );
  expect(starts).toEqual(["2026-12-01", "2026-12-10", "2026-12-04"]);
});

test.each([
  ["nothing of a calendar", "hello"],
  ["one that ends too soon", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR"],
  ["a card", "BEGIN:VCARD\nVERSION:3.0\nEND:VCARD"],
  ["an event without a start", calendar(...event("SUMMARY:x"))],
  ["a date that is none", calendar(...event("DTSTART;VALUE=DATE:20261340"))],
  ["letters in a date", calendar(...event("DTSTART;VALUE=DATE:2026xx99"))],
  ["an unknown zone", calendar(...event("DTSTART;TZID=Mars/Base:20270104T100000", "DURATION:PT1H"))],
  [
    "a rule without end",
    calendar(...event("DTSTART:20261129T000000Z", "DURATION:PT1S", "RRULE:FREQ=SECONDLY")),
  ],
])("%s is refused", (_, text) => {
  expect(() => readCalendar(text, NOW)).toThrow(CalendarProblem);
});
