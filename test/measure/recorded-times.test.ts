import fc from "fast-check";
import * as hdr from "hdr-histogram-js";
import { describe, expect, it } from "vitest";
import { TimeHistogram } from "../../src/measure/histogram.js";
import { RecordedTimes } from "../../src/measure/recorded-times.js";

const timesUs = fc.array(fc.oneof(fc.nat(3000), fc.nat(50_000_000), fc.nat(2 ** 33)), { maxLength: 60 });

function recorded(values: readonly number[]): RecordedTimes {
  const histogram = new TimeHistogram();
  for (const us of values) histogram.record(us);
  return new RecordedTimes(histogram.toSparse());
}

function reference(values: readonly number[]): hdr.Histogram {
  const histogram = hdr.build({ numberOfSignificantValueDigits: 3, autoResize: true });
  for (const us of values) histogram.recordValue(us);
  return histogram;
}

describe("recorded times", () => {
  it("are what HdrHistogram makes of them: each rank, their sum and how many are above", () => {
    fc.assert(
      fc.property(timesUs, fc.nat(60_000_000), (values, limitUs) => {
        const times = recorded(values);
        const histogram = reference(values);
        const atRank = (rank: number) => histogram.getValueAtPercentile((100 * (rank - 0.5)) / values.length);
        const ranks = values.map((_, index) => index + 1);
        expect(times.count).toBe(values.length);
        expect(ranks.map((rank) => times.atRankUs(rank))).toEqual(ranks.map(atRank));
        expect(times.leastUs()).toBe(histogram.getValueAtPercentile(0));
        expect(times.totalUs()).toBeCloseTo(histogram.mean * values.length, -1);
        expect(times.countAboveUs(limitUs)).toBe(ranks.filter((rank) => atRank(rank) > limitUs).length);
      }),
      { numRuns: 40 },
    );
  });

  it("are encoded in JSON, where HdrHistogram reads them, and the same when they are read again", () => {
    fc.assert(
      fc.property(timesUs, (values) => {
        const times = recorded(values);
        const encoded: string = JSON.parse(JSON.stringify(times));
        expect(hdr.decodeFromCompressedBase64(encoded).totalCount).toBe(values.length);
        const again = RecordedTimes.decode(encoded);
        expect(again).toEqual(times);
        expect(JSON.stringify(again)).toBe(JSON.stringify(times));
      }),
      { numRuns: 30 },
    );
  });

  it("of another HdrHistogram are written as they were read", () => {
    const histogram = hdr.build({ highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: 3 });
    for (const us of [70, 70, 12_345_678]) histogram.recordValue(us);
    const encoded = hdr.encodeIntoCompressedBase64(histogram);
    const times = RecordedTimes.decode(encoded);
    expect(JSON.stringify([times])).toBe(JSON.stringify([encoded]));
    expect(times.atRankUs(2)).toBe(70);
    expect(times.atRankUs(3)).toBe(histogram.getValueAtPercentile(100));
  });

  it("that are no histogram are refused", () => {
    for (const text of ["", "AAAA", "no base64!"]) expect(() => RecordedTimes.decode(text)).toThrow();
  });
});
