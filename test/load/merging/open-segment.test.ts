import { afterEach, beforeEach, expect, test } from "vitest";
import { AbsentShares } from "../../../src/load/distributed/absent/absent-shares.js";
import { OpenSegment } from "../../../src/load/merging/open-segment.js";
import { OUTCOME, OUTCOMES } from "../../../src/measure/outcome.js";
import { emptySecondCounts } from "../../../src/measure/second-counts.js";
import type { SecondReport, SegmentTotals } from "../../../src/measure/segment-accumulator.js";
import { monotonicMs } from "../../../src/support/clock.js";
import { loadPlan, openModel, sum } from "../../helpers/load-plans.js";

/** Of each of three generators. */
const EACH = 100;
const GENERATORS = 3;
const LOST = 2;

const NOTHING: SegmentTotals = {
  connectionsOpened: 0,
  bytesSent: 0,
  bytesReceived: 0,
  reasons: [],
  statuses: [],
  samples: [],
  traces: [],
};

function told(second: number): SecondReport {
  const none = emptySecondCounts(OUTCOMES.length, 0);
  const outcomes = none.outcomes.map((_, outcome) => (outcome === OUTCOME.ok ? EACH : 0));
  const latency = { cells: [500 + second], counts: [EACH], maxUs: 500 + second };
  return { second, names: [{ name: 0, counts: { ...none, scheduled: EACH, outcomes, latency } }] };
}

let startMs = 0;
let shares: AbsentShares;
let segment: OpenSegment;

function opened(atMs: number, gone: readonly number[]): OpenSegment {
  shares.change(atMs);
  return new OpenSegment({
    startMs: atMs,
    startedAt: "",
    limits: [],
    names: ["home"],
    tellDegraded: new Set(),
    sendsMore: false,
    timedNames: [],
    generators: GENERATORS,
    alive: new Set([0, 1, 2].filter((generator) => !gone.includes(generator))),
    absences: shares,
    gone: new Set(gone),
    lost: null,
  });
}

const tell = (of: OpenSegment, generator: number, ...seconds: readonly number[]) =>
  of.progress({ segmentId: "a", seconds: seconds.map(told), totals: NOTHING }, generator);

function lose(): void {
  shares.gone(LOST);
  segment.gone(LOST);
}

beforeEach(() => {
  startMs = monotonicMs() - 60_000;
  shares = new AbsentShares(loadPlan("http://127.0.0.1:1/", openModel(GENERATORS * EACH)), ["a", "b", "c"]);
  segment = opened(startMs, []);
});
afterEach(() => shares.end());

test("a second is complete when all have told it, and is not kept", () => {
  for (let second = 0; second < 5; second++) {
    for (const generator of [2, 0]) tell(segment, generator, second);
    expect(segment.openSeconds).toBe(1);
    tell(segment, 1, second);
    expect(segment.openSeconds).toBe(0);
  }
  const { all, lostWorkers } = segment.measure(startMs + 5_000, new Map(), false);
  expect(all.scheduled).toEqual([300, 300, 300, 300, 300]);
  expect(all.histograms.latency.count).toBe(5 * 300);
  expect(lostWorkers).toBeUndefined();
});

test("after a loss seconds are complete with what was due from the lost one, and are not kept either", async () => {
  for (const second of [0, 1, 2]) for (const generator of [0, 1, 2]) tell(segment, generator, second);
  // It had told one more than one of the others when it went.
  tell(segment, LOST, 3);
  tell(segment, 0, 3);
  lose();
  shares.change(startMs + 10_000);
  await shares.caughtUp(startMs + 20_000);
  tell(segment, 1, 3);
  for (let second = 4; second < 9; second++) for (const generator of [0, 1]) tell(segment, generator, second);
  tell(segment, 0, 9);
  expect(segment.openSeconds).toBe(1);
  const look = segment.measure(startMs + 10_000, new Map(), false);
  const whole = segment.measure(startMs + 10_000, new Map(), true);
  for (const { all, lostWorkers } of [look, whole]) {
    expect(all.scheduled).toEqual([...new Array<number>(9).fill(300), 200]);
    expect(all.outcomes.unsent).toEqual([0, 0, 0, 0, ...new Array<number>(6).fill(EACH)]);
    expect(all.unsentByGenerator).toEqual(all.outcomes.unsent);
    expect(lostWorkers).toEqual([{ worker: "c", fromS: 4, due: all.outcomes.unsent }]);
  }
  expect(segment.measure(startMs + 10_000, new Map(), false).reasons).toEqual({
    "unsent: lost with worker c": 6 * EACH,
  });
});

test("before the schedule is drawn a second is kept, and nothing is missing of it", async () => {
  lose();
  for (const generator of [0, 1]) tell(segment, generator, 0);
  expect(segment.openSeconds).toBe(1);
  expect(segment.measure(startMs + 1_000, new Map(), false).all.scheduled).toEqual([300]);
  await shares.caughtUp(startMs + 2_000);
  for (const generator of [0, 1]) tell(segment, generator, 1);
  expect(segment.openSeconds).toBe(0);
  expect(segment.measure(startMs + 2_000, new Map(), false).all.scheduled).toEqual([300, 300]);
});

test("where another one ends late, what was due from a lost one is in one segment, not in two", async () => {
  lose();
  const endMs = startMs + 2_000;
  segment.end(endMs);
  const next = opened(endMs, [LOST]);
  await shares.caughtUp(startMs + 4_000);
  for (const generator of [0, 1]) tell(segment, generator, 0, 1);
  segment.drained(0, endMs);
  // It heard of the change half a second after it.
  segment.drained(1, endMs + 500);
  expect(segment.isSettled).toBe(true);
  const first = segment.measure(endMs, new Map(), true);
  for (const generator of [0, 1]) tell(next, generator, 0, 1);
  const second = next.measure(startMs + 4_000, new Map(), true);
  expect(first.durationS).toBe(2.5);
  expect([first, second].map(({ all }) => sum(all.outcomes.unsent))).toEqual([2 * EACH, 2 * EACH]);
});

test("what a generator held and has completed since is counted once", () => {
  const held = new Map([[0, [told(0), told(1)]]]);
  tell(segment, 0, 0);
  const { all } = segment.measure(startMs + 2_000, held, false);
  expect(all.scheduled).toEqual([EACH, EACH]);
});

test("what one that is gone held is counted once: it stands in what was due from it", async () => {
  lose();
  await shares.caughtUp(startMs + 2_000);
  for (const generator of [0, 1]) tell(segment, generator, 0, 1);
  const held = new Map([[LOST, [told(0), told(1)]]]);
  const { all } = segment.measure(startMs + 2_000, held, false);
  expect(all.scheduled).toEqual([300, 300]);
  expect(all.outcomes.unsent).toEqual([EACH, EACH]);
});
