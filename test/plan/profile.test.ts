import fc from "fast-check";
import { expect, test } from "vitest";
import type { Profile } from "../../src/plan/load-plan.js";
import { dueBetween, peakOf, profileAt } from "../../src/plan/profile.js";

const PROFILE: Profile = {
  startValue: 20,
  stages: [
    { kind: "ramp", durationMs: 10_000, to: 100 },
    { kind: "step", durationMs: 5_000, to: 300 },
    { kind: "step", durationMs: 5_000, to: 50 },
  ],
};

test("a profile ramps, holds, and stays at its last value", () => {
  expect(
    [0, 5_000, 9_999, 10_000, 14_999, 15_000, 99_000].map((ms) => Math.round(profileAt(PROFILE, ms))),
  ).toEqual([20, 60, 100, 300, 300, 50, 50]);
  expect(peakOf(PROFILE)).toBe(300);
});

test("what is due is the area under the profile", () => {
  expect(dueBetween(PROFILE, 0, 10_000)).toBeCloseTo(600);
  expect(dueBetween(PROFILE, 10_000, 15_000)).toBeCloseTo(1500);
  expect(dueBetween(PROFILE, 0, 30_000)).toBeCloseTo(600 + 1500 + 250 + 500);
  expect(dueBetween({ startValue: 100, stages: [] }, 2_000, 8_000)).toBeCloseTo(600);
});

test("areas add up, and agree with summing the profile over small slices", () => {
  const stage = fc.record({
    kind: fc.constantFrom("ramp" as const, "step" as const),
    durationMs: fc.integer({ min: 1, max: 20_000 }),
    to: fc.integer({ min: 0, max: 1000 }),
  });
  const profile = fc.record({
    startValue: fc.integer({ min: 0, max: 1000 }),
    stages: fc.array(stage, { maxLength: 5 }),
  });
  fc.assert(
    fc.property(
      profile,
      fc.integer({ min: 0, max: 60_000 }),
      fc.integer({ min: 0, max: 60_000 }),
      (p, a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const middle = (from + to) / 2;
        const whole = dueBetween(p, from, to);
        expect(dueBetween(p, from, middle) + dueBetween(p, middle, to)).toBeCloseTo(whole, 6);
        const slices = 2000;
        const width = (to - from) / slices;
        let sum = 0;
        for (let i = 0; i < slices; i += 1) sum += (profileAt(p, from + (i + 0.5) * width) * width) / 1000;
        // A slice that a step falls into is off by at most its width times the jump.
        expect(Math.abs(sum - whole)).toBeLessThanOrEqual(
          (width / 1000) * 1000 * (p.stages.length + 1) + 1e-6,
        );
      },
    ),
    { numRuns: 50 },
  );
});
