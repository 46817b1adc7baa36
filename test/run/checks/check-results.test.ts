import { expect, test } from "vitest";
import type { CheckSpec } from "../../../src/plan/checks/check-spec.js";
import type { Moment } from "../../../src/run/checks/ask-tally.js";
import { CheckResults } from "../../../src/run/checks/check-results.js";

const SECRET = "s3cret-token-of-the-team";
const STOCK: CheckSpec = {
  name: "stock",
  ask: { kind: "command", command: ["stock"], shell: true, env: {}, cwd: "/" },
  when: ["baseline", "fault"],
  everyMs: 1_000,
  timeoutMs: 1_000,
  withinMs: 2_000,
  expect: { exit: null, status: null, number: { equals: 0 }, text: null, json: {} },
  ids: null,
};
const ONCE = { atS: 1, attempts: 1, heldAfterS: null };
const inPhase = (phase: string): Moment => ({
  when: "fault",
  phase,
  fault: { name: "slow cache", round: 1 },
});

function results() {
  const warnings: string[] = [];
  const kept = new CheckResults({
    checks: [STOCK],
    secrets: [SECRET],
    warn: (text) => void warnings.push(text),
  });
  return { kept, warnings, asked: () => kept.records(() => ({}))[0]?.asked };
}

test("what does not hold is warned of once in each phase, and counted each time", () => {
  const { kept, warnings, asked } = results();
  const broken = { kind: "broken", reason: "4 instead of 0" } as const;
  for (const phase of ["fault-1", "fault-1", "fault-2"]) {
    kept.note(STOCK, inPhase(phase), { ...ONCE, judged: broken });
    kept.note(STOCK, inPhase(phase), { ...ONCE, judged: { kind: "held" } });
  }
  expect(warnings).toEqual(Array(2).fill('check "stock" does not hold: 4 instead of 0'));
  expect(asked()?.map(({ phase, held, broken }) => [phase, held, broken])).toEqual([
    ["fault-1", 2, 2],
    ["fault-2", 1, 1],
  ]);
});

test("a secret in what a check printed is masked before the text is cut, so no half of it is shown", () => {
  const { kept, asked } = results();
  const output = `${SECRET}${"x".repeat(1_990)}`;
  kept.note(STOCK, inPhase("fault-1"), {
    ...ONCE,
    judged: { kind: "unasked", why: "no_answer", reason: "it failed", output },
  });
  const shown = asked()?.[0]?.firstUnasked?.output ?? "";
  expect(shown.endsWith("x".repeat(1_990))).toBe(true);
  expect(shown).not.toContain("team");
});

test("completions of several checks in one phase stand side by side, and what the looks broke is warned of", () => {
  const { kept, warnings } = results();
  const seconds = [{ second: 0 }] as never;
  const ids = {
    request: "buy",
    id: "${uuid}",
    list: null,
    each: null,
    most: { lost: 0, duplicated: 0, unexpected: 0 },
  };
  const firstBroken = { atS: 3, reason: "2 ids are overdue" };
  const asks = [
    {
      when: "fault",
      phase: "fault-1",
      fault: "slow cache",
      asked: 1,
      held: 0,
      broken: 1,
      unasked: 0,
      attempts: 1,
      firstBroken,
    },
  ] as const;
  for (const name of ["stock", "orders"]) {
    kept.noteWatched({ ...STOCK, name }, ids, { asks: [], completions: new Map([["fault-1", seconds]]) });
  }
  kept.noteWatched(STOCK, ids, { asks, completions: new Map() });
  expect(kept.completionsOf("fault-1").map(({ check, request }) => [check, request])).toEqual([
    ["stock", "buy"],
    ["orders", "buy"],
  ]);
  expect(kept.completionsOf("fault-2")).toEqual([]);
  expect(warnings).toEqual(['check "stock" did not hold: 2 ids are overdue']);
});
