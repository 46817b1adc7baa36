import fc from "fast-check";
import { decodeFromCompressedBase64, Int32Histogram } from "hdr-histogram-js";
import { describe, expect, test } from "vitest";
import { FAILED_OUTCOMES } from "../../src/measure/failures/failure-times.js";
import { mergeSparse, sparseQuantileUs, TimeHistogram } from "../../src/measure/histogram.js";
import { OUTCOME, OUTCOMES } from "../../src/measure/outcome.js";
import { RecordedTimes } from "../../src/measure/recorded-times.js";
import { mergeSecondCounts, type SecondCounts } from "../../src/measure/second-counts.js";
import { SegmentAccumulator, type SegmentMeasurement } from "../../src/measure/segment-accumulator.js";
import { SegmentRecorder } from "../../src/measure/segment-recorder.js";

const NAMES = ["browse", "checkout"];
const LIMITS = [
  { request: null, limitUs: 500_000 },
  { request: "checkout", limitUs: 1000 },
];
const DURATION_US = 4_000_000;

/** One request as the load saw it. */
interface Request {
  readonly dueUs: number;
  readonly name: number;
  readonly outcome: number;
  readonly latencyUs: number;
  readonly lagUs: number;
  readonly byGenerator: boolean;
}

const requests = fc.array(
  fc.record({
    dueUs: fc.nat(DURATION_US - 1),
    name: fc.nat(NAMES.length - 1),
    outcome: fc.nat(OUTCOMES.length - 1),
    latencyUs: fc.oneof(fc.nat(2000), fc.nat(60_000_000)),
    lagUs: fc.nat(2000),
    byGenerator: fc.boolean(),
  }),
  { maxLength: 60 },
);

function record(recorder: SegmentRecorder, request: Request): void {
  const { name, outcome, latencyUs, lagUs } = request;
  const second = recorder.schedule(request.dueUs, name);
  if (outcome === OUTCOME.ok) recorder.ok(second, name, latencyUs, Math.min(lagUs, latencyUs));
  else if (outcome === OUTCOME.unsent) recorder.unsent(second, name, request.byGenerator);
  else recorder.failed(second, name, outcome, latencyUs, lagUs);
}

/** As the load plane does it: each part in its own thread, reports joined in the given order. */
function measure(parts: readonly (readonly Request[])[], reverse = false): SegmentMeasurement {
  const accumulator = new SegmentAccumulator(NAMES, LIMITS, parts.length);
  const reports = parts.flatMap((part) => {
    const recorder = new SegmentRecorder("a", 0, NAMES, LIMITS);
    for (const request of part) record(recorder, request);
    recorder.endUs = DURATION_US;
    return recorder.takeCompleted(DURATION_US);
  });
  for (const report of reverse ? reports.toReversed() : reports) accumulator.addSecond(report);
  return accumulator.measure(DURATION_US / 1e6, "", [], null);
}

function partsOf(list: readonly Request[], threads: number): Request[][] {
  return Array.from({ length: threads }, (_, thread) => list.filter((_, i) => i % threads === thread));
}

describe("merging", () => {
  test("does not care how requests are shared out among threads, nor in which order these report", () => {
    fc.assert(
      fc.property(requests, fc.integer({ min: 1, max: 4 }), fc.boolean(), (list, threads, reverse) => {
        expect(measure(partsOf(list, threads), reverse)).toEqual(measure([list]));
      }),
      { numRuns: 60 },
    );
  });

  test("of seconds is associative and commutative", () => {
    const counts = requests.map((list): SecondCounts => {
      const recorder = new SegmentRecorder("a", 0, NAMES, LIMITS);
      for (const request of list) record(recorder, { ...request, dueUs: 0, name: 0 });
      record(recorder, { dueUs: 0, name: 0, outcome: 0, latencyUs: 5, lagUs: 0, byGenerator: false });
      recorder.endUs = 1e6;
      return recorder.takeCompleted(1e6)[0]!.names[0]!.counts;
    });
    fc.assert(
      fc.property(counts, counts, counts, (a, b, c) => {
        expect(mergeSecondCounts(a, b)).toEqual(mergeSecondCounts(b, a));
        expect(mergeSecondCounts(mergeSecondCounts(a, b), c)).toEqual(
          mergeSecondCounts(a, mergeSecondCounts(b, c)),
        );
      }),
      { numRuns: 60 },
    );
  });

  test("of histograms is the histogram of all values together", () => {
    const values = fc.array(fc.nat(100_000_000), { maxLength: 80 });
    const of = (list: readonly number[]) => {
      const histogram = new TimeHistogram();
      for (const value of list) histogram.record(value);
      return histogram.toSparse();
    };
    fc.assert(
      fc.property(values, values, (a, b) => {
        expect(mergeSparse(of(a), of(b))).toEqual(of([...a, ...b]));
      }),
    );
  });
});

test("every request is in exactly one second, under one outcome, and slow ones are counted on the raw value", () => {
  fc.assert(
    fc.property(requests, (list) => {
      const measured = measure([list]);
      const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
      for (let second = 0; second < 4; second++) {
        const due = list.filter((request) => Math.floor(request.dueUs / 1e6) === second);
        expect(measured.all.scheduled[second]).toBe(due.length);
        for (const [i, outcome] of OUTCOMES.entries()) {
          expect(measured.all.outcomes[outcome][second]).toBe(due.filter((r) => r.outcome === i).length);
        }
        const ok = due.filter((request) => request.outcome === OUTCOME.ok);
        expect(measured.all.slow[0]?.due[second]).toBe(ok.filter((r) => r.latencyUs > 500_000).length);
        const failed = due.filter((r) => r.outcome !== OUTCOME.ok && r.outcome !== OUTCOME.unsent);
        const { slow, ms } = measured.all.timeToFailure ?? {};
        // A timeout of half a second is no failure below half a second.
        expect(slow?.[0]?.due[second] ?? 0).toBe(failed.filter((r) => r.latencyUs >= 500_000).length);
        const longestUs = Math.max(...failed.map((r) => r.latencyUs));
        expect(ms?.max[second] ?? null).toBe(failed.length === 0 ? null : longestUs / 1000);
        const unsent = due.filter((r) => r.outcome === OUTCOME.unsent && r.byGenerator);
        expect(measured.all.unsentByGenerator[second]).toBe(unsent.length);
      }
      const checkout = measured.requests.find((series) => series.request === "checkout");
      const slow = list.filter((r) => r.name === 1 && r.outcome === OUTCOME.ok && r.latencyUs > 1000);
      expect(total(checkout?.slow.find((s) => s.limitUs === 1000)?.due ?? [])).toBe(slow.length);
      expect(measured.all.slow.map((s) => s.limitUs)).toEqual([500_000]);
      for (const outcome of FAILED_OUTCOMES) {
        const times = measured.all.timeToFailure?.byOutcome[outcome];
        expect(times?.count ?? 0).toBe(total(measured.all.outcomes[outcome]));
      }
    }),
    { numRuns: 60 },
  );
});

test("quantiles are the true ones within 3 significant digits, and the maximum is exact", () => {
  const values = fc.array(fc.nat(60_000_000), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(values, fc.constantFrom(0.5, 0.9, 0.99, 0.999), (list, q) => {
      const histogram = new TimeHistogram();
      for (const value of list) histogram.record(value);
      const sparse = histogram.toSparse();
      const sorted = list.toSorted((a, b) => a - b);
      const truth = sorted[Math.max(0, Math.ceil(q * list.length - 1e-9) - 1)]!;
      const read = sparseQuantileUs(sparse, q)!;
      expect(read).toBeGreaterThanOrEqual(truth);
      expect(read).toBeLessThanOrEqual(truth * 1.001);
      expect(sparseQuantileUs(sparse, 1)).toBe(sorted.at(-1));
    }),
  );
});

test("times are counted in HdrHistogram's own cells, from a microsecond to a day", () => {
  const ruler = new Int32Histogram(1, 2 ** 37, 3);
  const edges = Array.from({ length: 37 }, (_, power) => [2 ** power - 1, 2 ** power, 2 ** power + 1]).flat();
  const cellOf = (us: number) => {
    const histogram = new TimeHistogram();
    histogram.record(us);
    return histogram.toSparse().cells;
  };
  for (const us of edges) expect(cellOf(us)).toEqual([ruler.countsArrayIndex(us)]);
  const day = fc.nat({ max: 24 * 3600 }).chain((s) => fc.nat(999_999).map((us) => s * 1e6 + us));
  fc.assert(
    fc.property(day, (us) => {
      expect(cellOf(us)).toEqual([ruler.countsArrayIndex(us)]);
    }),
  );
});

test("a cleared histogram is an empty one", () => {
  const histogram = new TimeHistogram();
  for (const us of [3, 5_000_000, 70]) histogram.record(us);
  histogram.clear();
  expect(histogram.toSparse()).toEqual(new TimeHistogram().toSparse());
  histogram.record(9);
  expect(histogram.toSparse()).toEqual({ cells: [9], counts: [1], maxUs: 9 });
});

test("histograms in the record are read by HdrHistogram's own decoder", () => {
  const histogram = new TimeHistogram();
  for (let us = 1; us <= 10_000; us++) histogram.record(us);
  const decoded = decodeFromCompressedBase64(new RecordedTimes(histogram.toSparse()).toJSON());
  expect(decoded.totalCount).toBe(10_000);
  expect(decoded.getValueAtPercentile(50)).toBeGreaterThanOrEqual(5000);
  expect(decoded.getValueAtPercentile(50)).toBeLessThanOrEqual(5005);
  expect(decoded.maxValue).toBeGreaterThanOrEqual(10_000);
});

test("a second is reported once, when it is over and nothing in it waits for an outcome", () => {
  const recorder = new SegmentRecorder("a", 0, NAMES, []);
  const early = recorder.schedule(100, 0);
  const late = recorder.schedule(1_500_000, 1);
  expect(recorder.takeCompleted(2_500_000)).toEqual([]);
  recorder.failed(early, 0, OUTCOME.reset, 0, 0);
  expect(recorder.takeCompleted(900_000)).toEqual([]);
  expect(recorder.takeCompleted(1_600_000).map((report) => report.second)).toEqual([0]);
  expect(recorder.takeCompleted(2_500_000)).toEqual([]);
  expect(recorder.peekOpen().map((report) => report.second)).toEqual([1]);
  recorder.ok(late, 1, 100, 0);
  expect(recorder.takeCompleted(2_500_000).map((report) => report.second)).toEqual([1]);
  expect(recorder.unsettled).toBe(0);
});

test("reasons are counted for each request name, and together", () => {
  const recorder = new SegmentRecorder("baseline", 0, NAMES, []);
  for (const [name, text] of [
    [0, "status 503"],
    [1, "status 503"],
    [1, "status 404"],
  ] as const) {
    recorder.failed(recorder.schedule(100_000, name), name, OUTCOME.httpError, 0, 0);
    recorder.reason(name, text);
  }
  recorder.endUs = 1_000_000;
  const accumulator = new SegmentAccumulator(NAMES, [], 1);
  accumulator.addTotals(recorder.takeTotals());
  accumulator.addTotals(recorder.takeTotals());
  for (const second of recorder.takeCompleted(1_000_000)) accumulator.addSecond(second);
  const { reasons, requests, all } = accumulator.measure(1, "", [], null);
  expect(reasons).toEqual({ "status 503": 2, "status 404": 1 });
  expect(requests.map((series) => series.reasons)).toEqual([
    { "status 503": 1 },
    { "status 503": 1, "status 404": 1 },
  ]);
  expect(all.reasons).toBeUndefined();
});

test("more than 20 kinds of reasons are kept as the 19 most frequent and the rest, which a thread may know as such already", () => {
  const accumulator = new SegmentAccumulator(NAMES, [], 1);
  const reasons = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [i === 1 ? "other" : `reason ${i}`, 40 - i]),
  );
  accumulator.addTotals({
    connectionsOpened: 0,
    bytesSent: 0,
    bytesReceived: 0,
    reasons: [{ name: 0, reasons }],
    statuses: [],
    samples: [],
    traces: [],
  });
  const measured = accumulator.measure(1, "", [], null).reasons;
  expect(Object.keys(measured)).toHaveLength(20);
  expect(measured["reason 0"]).toBe(40);
  expect(Object.values(measured).reduce((sum, count) => sum + count, 0)).toBe((40 * 41) / 2);
});
