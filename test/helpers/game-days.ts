import { scenarioText } from "./scenario-files.js";

/** A calendar with a day off every Christmas and one long meeting in Berlin. */
export const HOLIDAYS = `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:1
SUMMARY:Christmas
DTSTART;VALUE=DATE:20201225
RRULE:FREQ=YEARLY
END:VEVENT
BEGIN:VEVENT
UID:2
SUMMARY:Review
DTSTART;TZID=Europe/Berlin:20270104T100000
DTEND;TZID=Europe/Berlin:20270104T160000
END:VEVENT
END:VCALENDAR
`;

/** Files of a folder with one game day in it. */
export const GAME_DAY_FILES = {
  "a.yaml": scenarioText(),
  "b.yaml": scenarioText(),
  "holidays.ics": HOLIDAYS,
};

/** The least that is a scheduled game day, with `changes` for single lines, by their key; "" leaves one out. */
export function gameDayText(changes: Readonly<Record<string, string>> = {}): string {
  const lines: Readonly<Record<string, string>> = {
    gameday: "gameday: 1",
    name: "name: Checkout Friday",
    schedule: 'schedule: { cron: "0 10 * * FRI", timezone: Europe/Berlin, jitter: 10m, catchUp: once }',
    scenarios: "scenarios: [a.yaml, b.yaml]",
    ...changes,
  };
  return `${Object.values(lines)
    .filter((line) => line !== "")
    .join("\n")}\n`;
}
