import fc from "fast-check";
import { expect, test } from "vitest";
import { BalancedSum, sumOf } from "../../../src/load/merging/balanced-sum.js";

test("it is the sum of all parts, whenever somebody asks", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1000 })), (parts) => {
      const sum = new BalancedSum<number>((a, b) => a + b);
      let expected: number | null = null;
      for (const part of parts) {
        expect(sum.total()).toBe(expected);
        sum.add(part);
        expected = (expected ?? 0) + part;
      }
      expect(sum.total()).toBe(expected);
      expect(sumOf(parts, (a, b) => a + b)).toBe(expected);
    }),
  );
});

test("a thousand parts are joined in ten rounds", () => {
  let touched = 0;
  // As histograms are joined: what it takes goes with how much both hold.
  const join = (a: number, b: number) => {
    touched += a + b;
    return a + b;
  };
  expect(sumOf(new Array<number>(1024).fill(1), join)).toBe(1024);
  expect(touched).toBe(1024 * 10);
});
