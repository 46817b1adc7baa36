import { expect, test } from "vitest";
import { parseQuiet } from "../../../src/gameday/quiet/parse-quiet.js";

const weekly = (text: string) => {
  const window = parseQuiet(text);
  return window?.kind === "weekday" ? [window.weekdays, window.fromMinute, window.toMinute] : window;
};

test("weekday rules: days, ranges of days, and hours of them", () => {
  expect(weekly("Fri after 15:00")).toEqual([[5], 900, 1440]);
  expect(weekly("sat, Sunday")).toEqual([[0, 6], 0, 1440]);
  expect(weekly("Mon-Thu before 9:00")).toEqual([[1, 2, 3, 4], 0, 540]);
  expect(weekly("Fri-Mon 22:30 - 24:00")).toEqual([[0, 1, 5, 6], 1350, 1440]);
  expect(weekly("daily 12:00-13:00")).toEqual([[0, 1, 2, 3, 4, 5, 6], 720, 780]);
  expect(weekly("weekends")).toEqual([[0, 6], 0, 1440]);
  expect(weekly("weekdays after 18:00")).toEqual([[1, 2, 3, 4, 5], 1080, 1440]);
});

test("dates: the last day is quiet, too", () => {
  expect(parseQuiet("2026-12-20..2027-01-06")).toMatchObject({
    kind: "period",
    from: "2026-12-20T00:00:00",
    to: "2027-01-07T00:00:00",
    zone: null,
  });
  expect(parseQuiet("2028-02-29")).toMatchObject({ from: "2028-02-29T00:00:00", to: "2028-03-01T00:00:00" });
});

test.each([
  "",
  "Fry after 15:00",
  "Fri after 25:00",
  "Fri after 15:60",
  "Fri 16:00-15:00",
  "Fri after",
  "Fri, after 15:00, Sat",
  "2026-02-30",
  "2027-01-06..2026-12-20",
  "2026-12-20 to 2027-01-06",
  "Mon-Tue-Wed",
])("%o is no quiet time", (text) => {
  expect(parseQuiet(text)).toBeNull();
});
