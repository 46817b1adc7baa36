import { expect, test } from "vitest";
import { IdLooks } from "../../../src/checks/ids/id-looks.js";

const problem = { kind: "unasked", why: "exit_code", reason: "", output: "" } as const;

/** Looks that begin each second and take 100 ms; `failed` are those that read nothing. */
function looksAt(
  seconds: readonly number[],
  found: Readonly<Record<string, number>>,
  failed: readonly number[] = [],
) {
  const looks = new IdLooks();
  for (const second of seconds) {
    const fromMs = 1000 * second;
    for (const [id, from] of Object.entries(found)) {
      if (from <= second && !failed.includes(second)) looks.saw(id, fromMs + 50);
    }
    looks.add({ fromMs, toMs: fromMs + 100, problem: failed.includes(second) ? problem : null });
  }
  return looks;
}

test("an id took longer than to the last look without it, and at most to the first one with it", () => {
  const looks = looksAt([1, 2, 3, 4], { soon: 1, late: 4 });
  expect(looks.timeOf("soon", 600)).toEqual({ overMs: 0, withinMs: 450 });
  expect(looks.timeOf("late", 1400)).toEqual({ overMs: 1600, withinMs: 2650 });
  // It was acknowledged after that look had begun.
  expect(looks.timeOf("late", 3050)).toEqual({ overMs: 0, withinMs: 1000 });
  expect(looks.timeOf("gone", 1400)).toBe("never");
});

test("a look that read nothing says nothing of what is not there", () => {
  const looks = looksAt([1, 2, 3, 4], { late: 4 }, [2, 3]);
  expect(looks.timeOf("late", 500)).toEqual({ overMs: 500, withinMs: 3550 });
  expect(looks.timeOf("late", 1500)).toEqual({ overMs: 0, withinMs: 2550 });
});

test("what is under way at a time has waited since its answer as far as looks tell", () => {
  const looks = looksAt([1, 2, 3, 4], { late: 4 });
  expect(looks.underWayMs("late", 500, 3500)).toBe(2500);
  expect(looks.underWayMs("late", 500, 2500)).toBe(1500);
  expect(looks.underWayMs("late", 500, 4100)).toBeNull();
  expect(looks.underWayMs("gone", 500, 2500)).toBeNull();
});

test("an id is overdue in the looks that should have had it and did not", () => {
  const looks = looksAt([1, 2, 3, 4, 5], { late: 4 });
  expect(looks.overdue("late", 500, 1000)).toEqual([1, 3]);
  expect(looks.overdue("late", 500, 3000)).toBeNull();
  expect(looks.overdue("gone", 500, 1000)).toEqual([1, 5]);
  looks.loadEnded();
  looks.add({ fromMs: 6000, toMs: 6100, problem: null });
  expect(looks.overdue("gone", 500, 1000)).toEqual([1, 5]);
});

test("of looks that fail alike the first output is kept", () => {
  const looks = new IdLooks();
  for (const [at, reason] of ["gone", "gone", "late", "gone"].entries()) {
    looks.add({ fromMs: at, toMs: at, problem: { ...problem, reason, output: `output ${at}` } });
  }
  expect(looks.duringLoad.map((look) => look.problem?.output)).toEqual([
    "output 0",
    "output 0",
    "output 2",
    "output 3",
  ]);
});
