import { expect, test } from "vitest";
import { formatAge, parseAgeMs } from "../../src/quantities/age.js";

const HOUR_MS = 3_600_000;

test.each([
  ["30d", 720 * HOUR_MS],
  ["2w", 336 * HOUR_MS],
  ["1.5 d", 36 * HOUR_MS],
  ["12h", 12 * HOUR_MS],
  ["1h30m", 1.5 * HOUR_MS],
  ["0d", null],
  ["30", null],
  ["-1d", null],
  ["30 days", null],
  ["1d12h", null],
])("the age %s", (text, expected) => {
  expect(parseAgeMs(text)).toBe(expected);
});

test.each([
  [30_000, "less than a minute"],
  [5 * 60_000, "5 min"],
  [47.9 * HOUR_MS, "47 h"],
  [48 * HOUR_MS, "2 days"],
])("%d ms reads %s", (ms, expected) => {
  expect(formatAge(ms)).toBe(expected);
});
