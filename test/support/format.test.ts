import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatBeside,
  formatBytes,
  formatClock,
  formatCount,
  formatInterval,
  formatMs,
  formatRate,
  formatRatio,
  formatSeconds,
  formatTarget,
  formatTiming,
  formatValue,
} from "../../src/support/format.js";

describe("latency", () => {
  test.each([
    [0, "0 ms"],
    [0.0421, "0.042 ms"],
    [0.42, "0.42 ms"],
    [4.8, "4.8 ms"],
    [12, "12 ms"],
    [14.449, "14.4 ms"],
    [812.4, "812 ms"],
    [999.6, "1 s"],
    [1850, "1.85 s"],
    [65_000, "65 s"],
    [125_000, "2 min 5 s"],
  ])("%d ms reads %s", (ms, text) => expect(formatMs(ms)).toBe(text));
});

describe("spans of time", () => {
  test.each([
    [0, "0 s"],
    [1, "1 s"],
    [61.23, "61.2 s"],
    [119.9, "2 min"],
    [120, "2 min"],
    [3600, "1 h"],
    [3720, "1 h 2 min"],
    [-2, "-2 s"],
  ])("%d s reads %s", (seconds, text) => expect(formatSeconds(seconds)).toBe(text));

  test("a clock has minutes, and hours only when there are any", () => {
    expect([0, 65, 3665].map(formatClock)).toEqual(["0:00", "1:05", "1:01:05"]);
  });

  test("a time that was never reached is a lower bound, one that does not apply a dash", () => {
    expect(formatTiming({ seconds: 12, censored: true })).toBe("> 12 s");
    expect(formatTiming({ seconds: 1, censored: false })).toBe("1 s");
    expect(formatTiming({ seconds: null, censored: false })).toBe("–");
  });
});

describe("percentages", () => {
  test.each([
    [1, "100%"],
    [0, "0%"],
    [0.99975, "99.975%"],
    [0.999, "99.9%"],
    [0.5, "50%"],
    [0.312, "31.2%"],
    [0.00042, "0.042%"],
    [0.9999999, ">99.9999%"],
    [0.0000001, "<0.0001%"],
    [1.5, "150%"],
  ])("%d reads %s", (ratio, text) => expect(formatRatio(ratio)).toBe(text));

  test("only nothing lost reads as 100%, only nothing at all as 0%", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000_000 }),
        fc.integer({ min: 0, max: 10_000_000 }),
        (n, k) => {
          const good = Math.min(n, k);
          expect(formatRatio(good / n) === "100%").toBe(good === n);
          expect(formatRatio(good / n) === "0%").toBe(good === 0);
        },
      ),
    );
  });
});

test("rates, counts and bytes carry their unit", () => {
  expect([0, 0.5, 199.94, 20_000, 1234.5].map((rate) => formatRate(rate))).toEqual([
    "0/s",
    "0.5/s",
    "199.9/s",
    "20,000/s",
    "1,235/s",
  ]);
  expect([0, 999, 1000, 1234567].map(formatCount)).toEqual(["0", "999", "1,000", "1,234,567"]);
  expect([0, 512, 48_211, 999_600, 3e9].map(formatBytes)).toEqual([
    "0 B",
    "512 B",
    "48.2 kB",
    "1 MB",
    "3 GB",
  ]);
});

test("a quantile that failures reached reads > timeout, a value that is not there a dash", () => {
  expect(formatValue("inf", "ms")).toBe("> timeout");
  expect(formatValue(null, "ms")).toBe("–");
});

test("a value and a target that differ never read the same", () => {
  expect(formatBeside(500.4, 500, "ms")).toBe("500.4 ms");
  expect(formatBeside(500, 500, "ms")).toBe("500 ms");
  expect(formatBeside(0.98996, 0.99, "ratio")).toBe("98.996%");
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 100_000 }), (a, b) => {
      fc.pre(a !== b);
      expect(formatBeside(a, b, "ms")).not.toBe(formatBeside(b, a, "ms"));
    }),
  );
});

test("an interval names its unit once when both ends share it", () => {
  expect(formatInterval([790.1, 840.2], "ms")).toBe("790–840 ms");
  expect(formatInterval([0.9991, 0.9996], "ratio")).toBe("99.91–99.96%");
  expect(formatInterval([850, 1200], "ms")).toBe("850 ms – 1.2 s");
  expect(formatInterval([812, "inf"], "ms")).toBe("812 ms – > timeout");
  expect(formatInterval([5, 5], "ms")).toBe("5 ms");
  expect(formatInterval(null, "ms")).toBe("–");
});

test("a target stands behind the SLO's own comparison", () => {
  expect(formatTarget("<", 14.4, 20, "ms")).toBe("< 14.4 ms");
  expect(formatTarget(">=", 0.999, 1, "ratio")).toBe("≥ 99.9%");
});
