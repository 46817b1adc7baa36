import { expect, test } from "vitest";
import { OTHER_REASONS } from "../../../src/measure/outcome.js";
import { ReasonCounts } from "../../../src/measure/segments/reason-counts.js";

test("reasons are told by how often they came, and by name where that is the same", () => {
  const reasons = new ReasonCounts();
  for (const [reason, count] of [
    ["status 500", 2],
    ["reset", 3],
    ["refused", 2],
    ["status 500", 1],
  ] as const) {
    reasons.add(reason, count);
  }
  expect(Object.entries(reasons.mostFrequent())).toEqual([
    ["reset", 3],
    ["status 500", 3],
    ["refused", 2],
  ]);
});

test("of many kinds the most frequent are named, and the rest is counted together", () => {
  const reasons = new ReasonCounts();
  // A thread had too many kinds itself. However many these are, they are no reason of their own.
  reasons.add(OTHER_REASONS, 1000);
  for (let kind = 1; kind <= 30; kind++) reasons.add(`status ${500 + kind}`, kind);
  const told = reasons.mostFrequent();
  expect(Object.keys(told)).toHaveLength(20);
  expect(told["status 530"]).toBe(30);
  expect(told["status 512"]).toBe(12);
  expect(told["status 511"]).toBeUndefined();
  // 1 + 2 + … + 11, and what the thread could not tell apart.
  expect(told[OTHER_REASONS]).toBe(1066);
});
