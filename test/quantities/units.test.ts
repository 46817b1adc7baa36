import fc from "fast-check";
import { expect, test } from "vitest";
import {
  parseBandwidth,
  parseDuration,
  parsePercentage,
  parseRange,
  parseRate,
  parseSize,
} from "../../src/quantities/units.js";

test("durations", () => {
  expect(parseDuration("300ms")).toEqual({ ms: 300 });
  expect(parseDuration("1.5s")).toEqual({ ms: 1500 });
  expect(parseDuration("1m30s")).toEqual({ ms: 90_000 });
  expect(parseDuration("2 h")).toEqual({ ms: 7_200_000 });
  expect(parseDuration("10us")).toEqual({ ms: 0.01 });
  expect(parseDuration("100h")).toEqual({ ms: 360_000_000 });
  expect(parseDuration("480h")).toEqual({ ms: 1_728_000_000 });
  for (const text of ["5", "", "s", "-1s", "1 sec", "1e3s", "1s2", "1S", "NaNs"])
    expect(parseDuration(text), text).toBeNull();
});

test("rates, sizes, bandwidths, percentages and ranges", () => {
  expect(parseRate("200/s")).toEqual({ perS: 200 });
  expect(parseRate("90/m")).toEqual({ perS: 1.5 });
  expect(parseRate("90/min")).toEqual({ perS: 1.5 });
  expect(parseSize("64KB")).toEqual({ bytes: 64_000 });
  expect(parseSize("1MiB")).toEqual({ bytes: 1_048_576 });
  expect(parseSize("0.5B")).toBeNull();
  expect(parseBandwidth("100KB/s")).toEqual({ kbPerS: 100 });
  expect(parseBandwidth("1Mbit/s")).toEqual({ kbPerS: 125 });
  expect(parseBandwidth("1Mbit")).toBeNull();
  expect(parsePercentage("99.9%")).toEqual({ ratio: 0.999 });
  expect(parsePercentage("101%")).toBeNull();
  expect(parseRange("0ms..2s", parseDuration)).toEqual({ from: { ms: 0 }, to: { ms: 2000 } });
  expect(parseRange("0ms..2s..3s", parseDuration)).toBeNull();
  expect(parseRange("2s", parseDuration)).toBeNull();
});

test("what is written with a unit is read as the same amount", () => {
  const amount = fc.double({ min: 0, max: 1e5, noNaN: true }).map((n) => Number(n.toFixed(3)));
  fc.assert(
    fc.property(amount, (n) => {
      expect(parseDuration(`${n}ms`)?.ms).toBeCloseTo(n, 3);
      expect(parseDuration(`${n}s`)?.ms).toBeCloseTo(n * 1000, 3);
      expect(parseRate(`${n}/s`)?.perS).toBe(n);
      expect(parseBandwidth(`${n}KB/s`)?.kbPerS).toBeCloseTo(n, 6);
    }),
  );
});

test("garbage is null, never an exception and never a number without a unit", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const parse of [parseDuration, parseRate, parseSize, parseBandwidth, parsePercentage]) {
        const value = parse(text);
        if (/^[\d.\s]*$/.test(text)) expect(value).toBeNull();
        for (const number of Object.values(value ?? {})) expect(number).toBeGreaterThanOrEqual(0);
      }
    }),
  );
});
