import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Arrivals } from "../../../src/load/schedule/arrivals.js";
import { DueHeap } from "../../../src/load/schedule/due-heap.js";
import { Fifo } from "../../../src/load/schedule/fifo.js";
import type { Profile } from "../../../src/plan/load-plan.js";
import { peakOf, profileAt } from "../../../src/plan/profile.js";
import { seededRandom } from "../../../src/support/random.js";

const stage = fc.record({
  kind: fc.constantFrom("ramp" as const, "step" as const),
  durationMs: fc.integer({ min: 0, max: 5000 }),
  to: fc.integer({ min: 0, max: 300 }),
});
const profile: fc.Arbitrary<Profile> = fc.record({
  startValue: fc.integer({ min: 0, max: 300 }),
  stages: fc.array(stage, { maxLength: 4 }),
});

/** ∫ rate from 0 to timeMs, in requests: by small steps, so by another way than the code. */
function expectedCount(of: Profile, timeMs: number): number {
  const stepMs = 0.25;
  let sum = 0;
  for (let at = 0; at < timeMs; at += stepMs) sum += (profileAt(of, at + stepMs / 2) * stepMs) / 1000;
  return sum;
}

function dueTimes(arrivals: Arrivals, untilUs: number): number[] {
  const times: number[] = [];
  for (let dueUs = arrivals.next(); dueUs < untilUs; dueUs = arrivals.next()) times.push(dueUs);
  return times;
}

describe("arrivals", () => {
  test("are as many as the rate's integral says, at any time, on any profile, and never go back", () => {
    fc.assert(
      fc.property(profile, fc.integer({ min: 1, max: 12_000 }), (of, untilMs) => {
        const times = dueTimes(new Arrivals(of, "even", () => 0), untilMs * 1000);
        for (let i = 1; i < times.length; i++) expect(times[i]!).toBeGreaterThanOrEqual(times[i - 1]!);
        expect(Math.abs(times.length - expectedCount(of, untilMs))).toBeLessThanOrEqual(1.5);
      }),
      { numRuns: 60 },
    );
  });

  test("at a constant rate are evenly spaced to the microsecond, also after a million", () => {
    const arrivals = new Arrivals({ startValue: 1000, stages: [] }, "even", () => 0);
    const times = dueTimes(arrivals, 1000 * 1e6);
    expect(times).toHaveLength(1_000_000);
    expect(times[0]).toBe(0);
    expect(times.every((dueUs, k) => Math.abs(dueUs - k * 1000) < 0.001)).toBe(true);
  });

  test("fill every 10 ms slot with 10 at 1,000 a second", () => {
    const slots = new Array<number>(100).fill(0);
    for (const dueUs of dueTimes(new Arrivals({ startValue: 1000, stages: [] }, "even", () => 0), 1e6)) {
      slots[Math.floor(dueUs / 10_000)]!++;
    }
    expect(new Set(slots)).toEqual(new Set([10]));
  });

  test("of a Poisson process have the right number, exponential gaps, and repeat for the same seed", () => {
    const make = () => new Arrivals({ startValue: 500, stages: [] }, "poisson", seededRandom(7));
    const times = dueTimes(make(), 100 * 1e6);
    expect(dueTimes(make(), 100 * 1e6)).toEqual(times);
    // 50,000 expected; five standard deviations are 1,118.
    expect(Math.abs(times.length - 50_000)).toBeLessThan(1118);
    const gaps = times.slice(1).map((dueUs, i) => dueUs - times[i]!);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const longer = gaps.filter((gap) => gap > mean).length / gaps.length;
    // P(gap > mean) = 1/e for an exponential; even spacing would say 0 or ½.
    expect(longer).toBeGreaterThan(0.35);
    expect(longer).toBeLessThan(0.385);
  });

  test("end when the rate stays at 0, and go on after a pause", () => {
    const stages = [
      { kind: "step", durationMs: 1000, to: 0 },
      { kind: "step", durationMs: 1000, to: 10 },
      { kind: "step", durationMs: 1000, to: 0 },
    ] as const;
    const times = dueTimes(
      new Arrivals({ startValue: 10, stages }, "even", () => 0),
      Number.POSITIVE_INFINITY,
    );
    expect(times).toHaveLength(10);
    expect(times[0]).toBe(1_000_000);
  });
});

test("a profile's value and maximum follow its ramps and steps", () => {
  const of: Profile = {
    startValue: 10,
    stages: [
      { kind: "ramp", durationMs: 1000, to: 20 },
      { kind: "step", durationMs: 500, to: 5 },
    ],
  };
  expect([0, 500, 999, 1000, 1499, 9999].map((ms) => Math.round(profileAt(of, ms)))).toEqual([
    10, 15, 20, 5, 5, 5,
  ]);
  expect(peakOf(of)).toBe(20);
});

test("the heap gives things back in the order of their times", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000)), (times) => {
      const heap = new DueHeap<number>();
      for (const time of times) heap.push(time, time);
      const popped = times.map(() => {
        const next = heap.nextDueUs;
        expect(heap.pop()).toBe(next);
        return next;
      });
      expect(popped).toEqual(times.toSorted((a, b) => a - b));
      expect(heap.pop()).toBeUndefined();
      expect(heap.nextDueUs).toBe(Number.POSITIVE_INFINITY);
    }),
  );
});

test("the queue keeps its order through thousands of shifts", () => {
  const queue = new Fifo<number>();
  let pushed = 0;
  let shifted = 0;
  for (let round = 0; round < 100; round++) {
    for (let i = 0; i < 97; i++) queue.push(pushed++);
    for (let i = 0; i < 89; i++) expect(queue.shift()).toBe(shifted++);
    expect(queue.length).toBe(pushed - shifted);
    expect(queue.first).toBe(shifted);
  }
});
