import { expect, test } from "vitest";
import { seededStream } from "../../src/support/random.js";

test("streams repeat with the same keys, and are spread evenly", () => {
  const draw = (...keys: number[]) => Array.from({ length: 10_000 }, seededStream(...keys));
  expect(draw(7, 1, 0)).toEqual(draw(7, 1, 0));
  const tenths = new Array<number>(10).fill(0);
  for (const value of draw(7, 1, 0)) tenths[Math.floor(value * 10)]!++;
  // 1,000 each, and 5 standard deviations of 30.
  for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150);
});

test("streams of other seeds, purposes and threads never come upon the same numbers", () => {
  const keys = [
    [1, 3, 0],
    [2, 3, 0],
    [609, 3, 0],
    [4_294_967_295, 3, 0],
    [1, 2, 0],
    [1, 3, 1],
  ];
  const seen = new Set<string>();
  const perStream = 20_000;
  for (const each of keys) {
    const next = seededStream(...each);
    for (let i = 0; i < perStream; i++) seen.add(`${next()} ${next()}`);
  }
  expect(seen.size).toBe(keys.length * perStream);
});
