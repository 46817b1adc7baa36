import { expect, test } from "vitest";
import { LiveCounters } from "../../../src/load/counting/live-counters.js";
import { LiveMerger } from "../../../src/load/counting/live-merger.js";
import type { LiveSample } from "../../../src/load/session.js";
import { OUTCOME } from "../../../src/measure/outcome.js";

const NAMES = ["browse", "buy"];
const LIMITS = [
  { request: null, limitUs: 100_000 },
  { request: "buy", limitUs: 300_000 },
];

function reportOf(count: (counters: LiveCounters) => void, segmentId = "a") {
  const counters = new LiveCounters(NAMES);
  counters.restart(0, LIMITS);
  count(counters);
  return counters.take(segmentId, 250_000, LIMITS);
}

test("live counts of all threads are joined, by name, and what was the generator's own doing stays apart", () => {
  const samples: LiveSample[] = [];
  const merger = new LiveMerger(NAMES, (sample) => samples.push(sample));
  const first = reportOf((counters) => {
    counters.ok(0, 5000, 0);
    counters.unsent(1, true);
    counters.unsent(1, false);
  });
  const second = reportOf((counters) => {
    counters.failed(0, OUTCOME.reset);
    counters.unsent(0, true);
  });
  merger.add(first, 0, new Set([0, 1]));
  expect(samples).toEqual([]);
  merger.add(second, 1, new Set([0, 1]));
  expect(samples).toHaveLength(1);
  const none = { ok: 0, http_error: 0, timeout: 0, refused: 0, reset: 0, unsent: 0, unsentByGenerator: 0 };
  expect(samples[0]?.outcomes).toEqual({ ...none, ok: 1, reset: 1, unsent: 3, unsentByGenerator: 2 });
  expect(samples[0]?.requests).toEqual(
    new Map([
      ["browse", { ...none, ok: 1, reset: 1, unsent: 1, unsentByGenerator: 1 }],
      ["buy", { ...none, unsent: 2, unsentByGenerator: 1 }],
    ]),
  );
});

test("an answer is slow by what the system took, not by what the generator was late", () => {
  const { slow } = reportOf((counters) => {
    counters.ok(0, 150_000, 0);
    counters.ok(0, 150_000, 60_000);
    counters.ok(1, 350_000, 0);
    counters.ok(1, 350_000, 60_000);
  });
  expect(slow).toEqual([3, 1]);
});

test("a thread that reports more often than another is counted once, and one that has gone on is not waited for", () => {
  const samples: LiveSample[] = [];
  const merger = new LiveMerger(NAMES, (sample) => samples.push(sample));
  const both = new Set([0, 1]);
  const oneOk = (counters: LiveCounters) => counters.ok(0, 5000, 0);
  merger.add(reportOf(oneOk), 0, both);
  merger.add(reportOf(oneOk), 0, both);
  merger.add(reportOf(oneOk), 1, both);
  expect(samples.map(({ outcomes, intervalMs }) => [outcomes.ok, intervalMs])).toEqual([[3, 500]]);
  // The first thread is in the next segment already, and reports on the one before no more.
  merger.add(reportOf(oneOk, "b"), 0, both);
  merger.add(reportOf(oneOk), 1, both);
  merger.add(reportOf(oneOk, "b"), 1, both);
  expect(samples.slice(1).map(({ segmentId, outcomes }) => [segmentId, outcomes.ok])).toEqual([
    ["a", 1],
    ["b", 2],
  ]);
});

test("a segment that begins anew is waited for in all threads, as it was the first time", () => {
  const samples: LiveSample[] = [];
  const merger = new LiveMerger(NAMES, (sample) => samples.push(sample));
  const both = new Set([0, 1]);
  for (const segmentId of ["a", "settle", "a"]) {
    for (const thread of both)
      merger.add(
        reportOf((counters) => counters.ok(0, 5000, 0), segmentId),
        thread,
        both,
      );
  }
  expect(samples.map(({ segmentId, outcomes }) => [segmentId, outcomes.ok])).toEqual([
    ["a", 2],
    ["settle", 2],
    ["a", 2],
  ]);
});

test("of a thousand threads that report in order each is looked at a few times, not once for every other", () => {
  let looks = 0;
  class LookedAt extends Set<number> {
    override has(thread: number): boolean {
      looks += 1;
      return super.has(thread);
    }
  }
  const threads = new LookedAt(Array.from({ length: 1000 }, (_, at) => at));
  const samples: LiveSample[] = [];
  const merger = new LiveMerger(NAMES, (sample) => samples.push(sample));
  const report = reportOf((counters) => counters.ok(0, 5000, 0));
  for (let round = 0; round < 3; round++) {
    for (const thread of threads) merger.add(report, thread, threads);
  }
  expect(samples.map(({ outcomes }) => outcomes.ok)).toEqual([1000, 1000, 1000]);
  expect(looks).toBeLessThan(3 * 3 * 1000);
});

test("a thread that is gone is not waited for", () => {
  const samples: LiveSample[] = [];
  const merger = new LiveMerger(NAMES, (sample) => samples.push(sample));
  const threads = new Set([0, 1, 2]);
  const report = reportOf((counters) => counters.ok(0, 5000, 0));
  merger.add(report, 1, threads);
  threads.delete(0);
  expect(samples).toEqual([]);
  merger.add(report, 2, threads);
  expect(samples.map(({ outcomes }) => outcomes.ok)).toEqual([2]);
});
