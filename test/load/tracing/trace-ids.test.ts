import { expect, test } from "vitest";
import { TraceIds } from "../../../src/load/tracing/trace-ids.js";

const RUN_KEY = "00112233445566778899aabbccddeeff";
const idsOf = (changes: Partial<ConstructorParameters<typeof TraceIds>[0]> = {}, seed = 1) =>
  new TraceIds({ sampling: 1, traceLink: null, runKey: RUN_KEY, ...changes }, seed);
const NUMBERS = Array.from({ length: 20_000 }, (_, number) => number);

test("each number has a trace id of its own, the same one each time", () => {
  const ids = idsOf();
  const all = [...NUMBERS, 2 ** 32, 2 ** 32 + 1, 2 ** 52].map((number) => ids.traceId(number));
  expect(new Set(all).size).toBe(all.length);
  expect(all.filter((id) => !/^[0-9a-f]{32}$/.test(id))).toEqual([]);
  expect(idsOf().traceId(7)).toBe(all[7]);
  expect(idsOf({ runKey: RUN_KEY.replace("00", "01") }).traceId(7)).not.toBe(all[7]);
  // Some stores know a trace by its last 64 bits alone.
  expect(
    idsOf({ runKey: RUN_KEY.replace(/ff$/, "fe") })
      .traceId(7)
      .slice(16),
  ).not.toBe(all[7]?.slice(16));
});

test("ids spread evenly, as services that sample by them need it", () => {
  const ids = idsOf();
  const digits = new Map<string, number>();
  for (const number of NUMBERS) {
    const id = ids.traceId(number);
    // The first and the last digit of the request's own half.
    for (const digit of [`first ${id[16]}`, `last ${id[31]}`])
      digits.set(digit, (digits.get(digit) ?? 0) + 1);
  }
  expect(digits.size).toBe(32);
  // 1,250 each; six standard deviations are 205.
  for (const [digit, count] of digits) expect(Math.abs(count - 1_250), digit).toBeLessThan(205);
});

test("the share that is asked for is sampled, and the same numbers for the same seed, whatever the run", () => {
  const sampled = (ids: TraceIds) => NUMBERS.filter((number) => ids.isSampled(number));
  const tenth = sampled(idsOf({ sampling: 0.1 }));
  // 2,000; six standard deviations are 255.
  expect(Math.abs(tenth.length - 2_000)).toBeLessThan(255);
  expect(sampled(idsOf({ sampling: 0.1, runKey: "f".repeat(32) }))).toEqual(tenth);
  expect(sampled(idsOf({ sampling: 0.1 }, 2))).not.toEqual(tenth);
  expect(sampled(idsOf())).toEqual(NUMBERS);
});
