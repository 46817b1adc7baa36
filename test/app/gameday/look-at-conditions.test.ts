import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { lookAtConditions } from "../../../src/app/gameday/look-at-conditions.js";
import type { GameDay } from "../../../src/gameday/read-game-day.js";
import type { ConditionOfDay } from "../../../src/gameday/report/game-day-report.js";

const SECRET = "s3cret-token-of-the-team";

/** Of a game day it reads just these. */
const dayWith = (...commands: readonly string[]) =>
  ({
    folder: tmpdir(),
    secrets: [SECRET],
    data: {
      preflight: commands.map((run, at) => ({ name: `${at + 1} ${SECRET}`, run, timeout: { ms: 20_000 } })),
    },
  }) as unknown as GameDay;

async function look(day: GameDay, stopAfter = Number.POSITIVE_INFINITY) {
  const stop = new AbortController();
  const seen: ConditionOfDay[] = [];
  const areAll = await lookAtConditions(day, {
    env: process.env,
    allowHosts: [],
    exerciseId: "2026-12-01-checkout",
    stop: stop.signal,
    looked: (condition) => {
      seen.push(condition);
      if (seen.length === stopAfter) stop.abort();
    },
  });
  return { areAll, seen };
}

test("all conditions are looked at, also behind one that does not hold, and no secret is told", async () => {
  const { areAll, seen } = await look(dayWith(`sh -c 'echo ${SECRET}; exit 3'`, "true"));
  expect(areAll).toBe(true);
  expect(seen.map(({ holds }) => holds)).toEqual([false, true]);
  expect(seen[0]?.reason).toContain("code 3");
  expect(JSON.stringify(seen)).not.toContain(SECRET);
});

test("commands know which exercise asks", async () => {
  const { seen } = await look(dayWith(`sh -c 'test "$FAULTLINE_EXERCISE_ID" = 2026-12-01-checkout'`));
  expect(seen[0]?.holds).toBe(true);
});

test("when somebody ends the day, no other condition is looked at", async () => {
  const { areAll, seen } = await look(dayWith("true", "true", "true"), 1);
  expect(areAll).toBe(false);
  expect(seen).toHaveLength(1);
});
