import { expect, test } from "vitest";
import { gameDayMetricsText } from "../../../src/schedule/status/metrics.js";

const day = {
  name: 'Check"out\\',
  nextMs: 1_800_000,
  runningSinceMs: null,
  last: { verdict: "pass", score: 90, endedMs: 600_000, durationMs: 12_500 },
  runs: new Map([
    ["pass", 2],
    ["interrupted", 1],
  ]),
  postponed: new Map([["quiet", 3]]),
  missed: 4,
  postponedBecause: null,
};

test("each game day has its samples, with names and verdicts as labels", () => {
  const text = gameDayMetricsText([day], 660_000);
  const samples = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const name = 'gameday="Check\\"out\\\\"';
  expect(samples).toEqual([
    `faultline_gameday_next_run_timestamp_seconds{${name}} 1800`,
    `faultline_gameday_running{${name}} 0`,
    `faultline_gameday_last_run_timestamp_seconds{${name}} 600`,
    `faultline_gameday_last_run_age_seconds{${name}} 60`,
    `faultline_gameday_last_run_duration_seconds{${name}} 12.5`,
    `faultline_gameday_last_run_score{${name}} 90`,
    `faultline_gameday_last_run_verdict{${name},verdict="pass"} 1`,
    `faultline_gameday_runs_total{${name},verdict="pass"} 2`,
    `faultline_gameday_runs_total{${name},verdict="interrupted"} 1`,
    `faultline_gameday_postponed_total{${name},reason="quiet"} 3`,
    `faultline_gameday_missed_total{${name}} 4`,
  ]);
});

test("what is not known has no sample", () => {
  const text = gameDayMetricsText(
    [{ ...day, nextMs: null, last: null, runs: new Map(), postponed: new Map(), missed: 0 }],
    0,
  );
  expect(text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))).toHaveLength(2);
  expect(text.match(/^# TYPE /gm)).toHaveLength(10);
});
