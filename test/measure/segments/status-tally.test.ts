import { expect, test } from "vitest";
import { StatusTally } from "../../../src/measure/segments/status-tally.js";

test("answers are told by status, with how many of them were good, once", () => {
  const tally = new StatusTally();
  for (const isOk of [true, false, true]) tally.count(200, isOk);
  tally.count(503, false);
  tally.count(999, true);
  expect(tally.take(7)).toEqual([
    { name: 7, status: 200, answers: 3, ok: 2 },
    { name: 7, status: 503, answers: 1, ok: 0 },
    { name: 7, status: 999, answers: 1, ok: 1 },
  ]);
  expect(tally.take(7)).toEqual([]);
  tally.count(200, false);
  expect(tally.take(7)).toEqual([{ name: 7, status: 200, answers: 1, ok: 0 }]);
});
