import { expect, test } from "vitest";
import type { SloResult } from "../../../src/analysis/document/report.js";
import { whatBecame } from "../../../src/analysis/wording/what-became.js";

const P99: SloResult = {
  expect: "p99 < 500ms",
  phase: "fault",
  verdict: "fail",
  unit: "ms",
  baseline: 4.8,
  observed: 812,
  after: null,
  interval: null,
  target: 500,
  reason: "",
  counts: null,
  censored: false,
  share: null,
};
const RATIO: Partial<SloResult> = { unit: "ratio", target: 0.99, baseline: 1, observed: 0.4 };
const TIMING: Partial<SloResult> = { unit: "s", phase: "recovery", baseline: null, observed: 8, target: 5 };

test.each<[string, Partial<SloResult>, string | null]>([
  ["a quantile that rose", {}, "p99 rose from 4.8 ms to 812 ms, promised < 500 ms"],
  [
    "one beyond the timeout",
    { observed: "inf" },
    "p99 rose from 4.8 ms beyond the timeout of 1 s, promised < 500 ms",
  ],
  [
    "one that was there before",
    { baseline: "inf", observed: "inf" },
    "p99 was beyond the timeout of 1 s, promised < 500 ms",
  ],
  [
    "one that fell and is still too high",
    { baseline: 900 },
    "p99 fell from 900 ms to 812 ms, promised < 500 ms",
  ],
  ["one without a baseline", { baseline: null }, "p99 was 812 ms, promised < 500 ms"],
  ["the baseline itself", { phase: "baseline", baseline: 812 }, "p99 was 812 ms, promised < 500 ms"],
  [
    "one that would read as its target",
    { observed: 500.04 },
    "p99 rose from 4.8 ms to 500.04 ms, promised < 500 ms",
  ],
  [
    "one promise of one request, in the recovery",
    { expect: "p99(checkout) < 500ms", phase: "recovery" },
    "p99(checkout) after the fault rose from 4.8 ms to 812 ms, promised < 500 ms",
  ],
  [
    "a target from the baseline",
    { expect: "p99 < 3x baseline", target: 14.4 },
    "p99 rose from 4.8 ms to 812 ms, promised < 14.4 ms (3x baseline)",
  ],
  [
    "a share",
    { ...RATIO, expect: "availability >= 99%" },
    "availability fell from 100% to 40%, promised ≥ 99%",
  ],
  ["a time", { ...TIMING, expect: "recovery < 5s" }, "recovery took 8 s, promised < 5 s"],
  [
    "a time that was not seen to end",
    { ...TIMING, expect: "recovery < 5s", censored: true },
    "recovery was not seen within 8 s, promised < 5 s",
  ],
  ["a worst window, which no one number shows", { ...RATIO, expect: "availability >= 99% for 5s" }, null],
  ["nothing measured", { observed: null }, null],
  ["no target", { target: null }, null],
])("%s", (_, change, clause) => {
  expect(whatBecame({ ...P99, ...change }, 1000)).toBe(clause);
});
