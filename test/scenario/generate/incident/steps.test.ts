import fc from "fast-check";
import { expect, test } from "vitest";
import { stepsAlong } from "../../../../src/scenario/generate/incident/steps.js";

const LIMITS = { share: 0.05, amount: 1, mostSteps: 60 };
const curve = (values: readonly number[]) => values.map((value, index) => ({ atS: 5 * index, value }));

test("values that are near one another are one step, in the middle between them", () => {
  expect(stepsAlong(curve([100, 104, 100, 300, 301, 20, 20]), LIMITS)).toEqual({
    share: 0.05,
    steps: [
      { atS: 0, value: 102 },
      { atS: 15, value: 300.5 },
      { atS: 25, value: 20 },
    ],
  });
});

test("no step is off the curve by more than is said, and there are never too many", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1e4, noNaN: true }), { minLength: 1, maxLength: 400 }),
      (values) => {
        const { steps, share } = stepsAlong(curve(values), LIMITS);
        expect(steps.length).toBeLessThanOrEqual(LIMITS.mostSteps);
        for (const { atS, value } of curve(values)) {
          const step = steps.findLast((each) => each.atS <= atS);
          expect(Math.abs((step?.value ?? Number.NaN) - value)).toBeLessThanOrEqual(
            Math.max(LIMITS.amount, share * (step?.value ?? 0)) + 1e-9,
          );
        }
      },
    ),
  );
});
