import { expect, test } from "vitest";
import { eachAtMost } from "../../../src/load/distributed/each-at-most.js";

test("so many are under way at once, in their order, and all come to their turn", async () => {
  const begun: number[] = [];
  let underWay = 0;
  let most = 0;
  await eachAtMost(3, [1, 2, 3, 4, 5, 6, 7], async (item) => {
    begun.push(item);
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise((resolve) => setTimeout(resolve, item % 2));
    underWay -= 1;
  });
  expect(begun).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(most).toBe(3);
  await eachAtMost(3, [], () => Promise.reject(new Error("nothing is to be done")));
});

test("after one that fails no other is begun", async () => {
  const begun: number[] = [];
  const work = async (item: number) => {
    begun.push(item);
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (item === 2) throw new Error("no room");
  };
  await expect(eachAtMost(2, [1, 2, 3, 4, 5, 6], work)).rejects.toThrow("no room");
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(begun).toEqual([1, 2, 3]);
});
