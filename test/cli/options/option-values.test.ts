import * as fc from "fast-check";
import { expect, test } from "vitest";
import { collect, wholeNumberOption } from "../../../src/cli/options/option-values.js";

test("a whole number within its bounds is read, everything else refused with the bounds", () => {
  fc.assert(
    fc.property(fc.integer({ min: -20, max: 120 }), (value) => {
      const read = () => wholeNumberOption(1, 99)(String(value));
      if (value >= 1 && value <= 99) expect(read()).toBe(value);
      else expect(read).toThrow("It must be a whole number from 1 to 99.");
    }),
  );
  for (const text of ["", " ", "1.5", "1e3", "0x10", "Infinity", "1 ", "ten", "9".repeat(20)])
    expect(() => wholeNumberOption(1)(text), text).toThrow("It must be a whole number from 1.");
});

test("values of a repeated option keep their order", () => {
  expect(
    ["a", "b", "c"].reduce<readonly string[] | undefined>((all, value) => collect(value, all), undefined),
  ).toEqual(["a", "b", "c"]);
});
