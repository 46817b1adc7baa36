import { expect, test } from "vitest";
import { parseQuiet } from "../../../src/gameday/quiet/parse-quiet.js";
import type { QuietWindow } from "../../../src/gameday/quiet/quiet-window.js";
import { DueRuns, type Schedule } from "../../../src/schedule/due/due-runs.js";

const schedule = (more: Partial<Schedule>): Schedule => ({
  name: "day",
  cron: "0 10 * * FRI",
  timezone: "Europe/Berlin",
  jitterMs: 0,
  quiet: [],
  ...more,
});

/** When the first runs after an instant begin, as ISO texts; those in quiet times stand in brackets. */
function starts(more: Partial<Schedule>, after: string, count: number): string[] {
  const runs = new DueRuns(schedule(more));
  const found: string[] = [];
  let due = runs.after(Date.parse(after));
  while (due && found.length < count) {
    const text = new Date(due.startMs).toISOString().slice(0, 16);
    found.push(due.quiet ? `(${text})` : text);
    due = runs.after(due.nominalMs);
  }
  return found;
}

const quiet = (...texts: readonly string[]): readonly QuietWindow[] =>
  texts.flatMap((text) => parseQuiet(text) ?? []);

test("a time that spring leaves out comes right after the change, one that autumn repeats comes once", () => {
  const zones: readonly (readonly [string, string, string, readonly string[]])[] = [
    ["Europe/Berlin", "30 2 * * *", "2027-03-27T12:00", ["2027-03-28T01:00", "2027-03-29T00:30"]],
    ["Europe/Berlin", "30 2 * * *", "2027-10-30T12:00", ["2027-10-31T00:30", "2027-11-01T01:30"]],
    ["America/New_York", "30 2 * * *", "2027-03-13T12:00", ["2027-03-14T07:00", "2027-03-15T06:30"]],
    ["America/New_York", "30 1 * * *", "2027-11-06T12:00", ["2027-11-07T05:30", "2027-11-08T06:30"]],
    // Half an hour on an island.
    ["Australia/Lord_Howe", "15 2 * * *", "2027-10-02T12:00", ["2027-10-02T15:30", "2027-10-03T15:15"]],
    ["Australia/Lord_Howe", "45 1 * * *", "2027-04-03T12:00", ["2027-04-03T14:45", "2027-04-04T15:15"]],
    ["Asia/Kolkata", "30 2 * * *", "2027-03-27T12:00", ["2027-03-27T21:00", "2027-03-28T21:00"]],
  ];
  for (const [timezone, cron, after, expected] of zones) {
    expect({ timezone, cron, starts: starts({ timezone, cron }, `${after}Z`, 2) }).toEqual({
      timezone,
      cron,
      starts: expected,
    });
  }
});

test("a time of the day stays on the clock of the zone through both changes", () => {
  expect(starts({}, "2027-03-20T00:00Z", 3)).toEqual([
    "2027-03-26T09:00",
    "2027-04-02T08:00",
    "2027-04-09T08:00",
  ]);
  expect(starts({}, "2027-10-23T00:00Z", 2)).toEqual(["2027-10-29T08:00", "2027-11-05T09:00"]);
});

test("days of month and weekdays together mean either of them", () => {
  expect(starts({ cron: "0 0 1 * MON", timezone: "UTC" }, "2026-10-27T00:00Z", 3)).toEqual([
    "2026-11-01T00:00",
    "2026-11-02T00:00",
    "2026-11-09T00:00",
  ]);
});

test("the jitter is the same wherever it is worked out, another for each run and each game day, and never too long", () => {
  const jitterMs = 600_000;
  const first = starts({ jitterMs, cron: "0 * * * *" }, "2026-01-01T00:00Z", 200);
  expect(starts({ jitterMs, cron: "0 * * * *" }, "2026-01-01T00:00Z", 200)).toEqual(first);
  expect(starts({ jitterMs, cron: "0 * * * *", name: "other" }, "2026-01-01T00:00Z", 200)).not.toEqual(first);
  const minutes = first.map((text) => Number(text.slice(14)));
  expect(Math.max(...minutes)).toBeLessThan(10);
  expect(new Set(minutes).size).toBe(10);
});

test("what begins in a quiet time is left out: weekdays, dates, and the jitter counts", () => {
  const rules = quiet("Fri after 15:00", "2026-12-20..2027-01-06", "Sat, Sun");
  const hours = { cron: "0 9,15 * * *", quiet: rules };
  expect(starts(hours, "2026-12-18T00:00Z", 4)).toEqual([
    "2026-12-18T08:00",
    "(2026-12-18T14:00)",
    "(2026-12-19T08:00)",
    "(2026-12-19T14:00)",
  ]);
  expect(starts(hours, "2027-01-06T12:00Z", 2)).toEqual(["(2027-01-06T14:00)", "2027-01-07T08:00"]);
  const jittered = { cron: "59 14 * * FRI", quiet: rules, jitterMs: 86_400_000 };
  const late = starts(jittered, "2026-11-01T00:00Z", 6);
  expect(late.filter((text) => text.startsWith("(")).length).toBeGreaterThan(3);
});

test("a quiet period of another zone counts on that zone's clock", () => {
  const event: QuietWindow = {
    kind: "period",
    from: "2026-12-24T00:00:00",
    to: "2026-12-25T00:00:00",
    zone: "Asia/Tokyo",
    text: "day off in Tokyo",
  };
  const hours = { cron: "0 */6 * * *", timezone: "UTC", quiet: [event] };
  expect(starts(hours, "2026-12-23T11:00Z", 6)).toEqual([
    "2026-12-23T12:00",
    "(2026-12-23T18:00)",
    "(2026-12-24T00:00)",
    "(2026-12-24T06:00)",
    "(2026-12-24T12:00)",
    "2026-12-24T18:00",
  ]);
});

test("the run that begins next is found also while its jitter goes on", () => {
  const runs = new DueRuns(schedule({ jitterMs: 3_600_000 }));
  const due = runs.after(Date.parse("2026-12-01T00:00Z"));
  if (!due) throw new Error("no run");
  expect(runs.startingAfter(due.startMs - 1)).toEqual(due);
  expect(runs.startingAfter(due.startMs)?.nominalMs).toBe(due.nominalMs + 7 * 86_400_000);
});

test("a line that never comes has no runs", () => {
  expect(new DueRuns(schedule({ cron: "0 0 30 2 *" })).after(0)).toBeNull();
});
