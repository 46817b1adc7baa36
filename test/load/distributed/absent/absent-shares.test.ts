import { monitorEventLoopDelay } from "node:perf_hooks";
import { expect, test } from "vitest";
import { AbsentShares } from "../../../../src/load/distributed/absent/absent-shares.js";
import { DueCounts } from "../../../../src/load/distributed/absent/due-counts.js";
import type { DueCount } from "../../../../src/load/merging/absences.js";
import { requestNames } from "../../../../src/plan/load-mix.js";
import type { LoadModel, LoadPlan } from "../../../../src/plan/load-plan.js";
import { monotonicMs, sleep } from "../../../../src/support/clock.js";
import { seededRandom } from "../../../../src/support/random.js";
import { closedModel, loadPlan, openModel, request } from "../../../helpers/load-plans.js";

const POISSON: LoadModel = {
  kind: "open",
  arrivals: "poisson",
  maxConnections: 50,
  profile: { startValue: 100, stages: [{ kind: "ramp", durationMs: 3000, to: 400 }] },
};

function planOf(model: LoadModel): LoadPlan {
  const requests = [request({ name: "read", weight: 3 }), request({ name: "write", weight: 1 })];
  return loadPlan("http://127.0.0.1:1/", model, { mix: { kind: "requests", requests }, seed: 11 });
}

const START_MS = 5_000;
const UNTIL_MS = 9_500;
/** An hour. */
const LONG_S = 3_600;

/** Requests by second and name. */
function counted(due: readonly DueCount[] | null): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { second, name, count } of due ?? []) {
    sums[`${second} ${name}`] = (sums[`${second} ${name}`] ?? 0) + count;
  }
  return sums;
}

const sumOf = (due: readonly DueCount[] | null) => (due ?? []).reduce((sum, { count }) => sum + count, 0);

function sharesFrom(plan: LoadPlan, generators: number, startMs = START_MS): AbsentShares {
  const names = Array.from({ length: generators }, (_, at) => `w${at}`);
  const shares = new AbsentShares(plan, names);
  shares.change(startMs);
  return shares;
}

function allOf(plan: LoadPlan, generators: number): readonly DueCount[] {
  const shares = sharesFrom(plan, generators);
  return Array.from({ length: generators }, (_, at) => shares.dueFrom(at, START_MS, UNTIL_MS) ?? []).flat();
}

test.each([["even", openModel(250)] as const, ["poisson", POISSON] as const])(
  "the shares of several are together the schedule of one (%s)",
  (_, model) => {
    const plan = planOf(model);
    expect(counted(allOf(plan, 3))).toEqual(counted(allOf(plan, 1)));
  },
);

test("it is exact: so many requests were due from each", () => {
  const shares = sharesFrom(planOf(openModel(300)), 3);
  shares.change(6_000);
  shares.told(1, 6_000, 2);
  const due = shares.dueFrom(1, 6_000, UNTIL_MS) ?? [];
  expect([2, 3].map((second) => sumOf(due.filter((of) => of.second === second)))).toEqual([100, 50]);
  expect(sumOf(due)).toBe(150);
  // That it told no more of the segment before does not matter here.
  expect(sumOf(shares.dueFrom(1, START_MS, UNTIL_MS))).toBe(100);
});

test("a look in between changes nothing, and what is forgotten does not come back", () => {
  const shares = sharesFrom(planOf(POISSON), 2);
  const early = shares.dueFrom(1, START_MS, 7_000) ?? [];
  const whole = shares.dueFrom(1, START_MS, 9_000) ?? [];
  expect(early.length).toBeGreaterThan(0);
  expect(counted(whole.filter(({ second }) => second < 2))).toEqual(counted(early));
  shares.change(9_000);
  const later = shares.dueFrom(1, 9_000, 12_000);
  shares.forget(9_000);
  expect(shares.dueFrom(1, START_MS, 9_000)).toEqual([]);
  expect(shares.dueFrom(1, 9_000, 12_000)).toEqual(later);
});

test("a change that is told after the schedule was drawn beyond it counts as if it had been told before", () => {
  const [early, late] = [sharesFrom(planOf(POISSON), 2), sharesFrom(planOf(POISSON), 2)];
  early.change(6_250);
  early.dueFrom(0, START_MS, UNTIL_MS);
  late.dueFrom(0, START_MS, UNTIL_MS);
  late.change(6_250);
  for (const startMs of [START_MS, 6_250]) {
    const due = late.dueFrom(1, startMs, UNTIL_MS);
    expect(sumOf(due)).toBeGreaterThan(0);
    expect(due).toEqual(early.dueFrom(1, startMs, UNTIL_MS));
  }
});

test("the closed model has no schedule", () => {
  expect(sharesFrom(planOf(closedModel(10)), 1).dueFrom(0, START_MS, UNTIL_MS)).toBeNull();
});

test("requests behind a login are those that were due", () => {
  const plan = planOf(openModel(100));
  if (plan.mix.kind !== "requests") throw new Error("it has requests");
  const { weight: _, ...spec } = request({ name: "token" });
  const login = { ...spec, once: "run", refreshBeforeMs: 0, lifetimeMs: null } as const;
  const loggedIn = { ...plan, mix: { ...plan.mix, login } };
  const names = allOf(loggedIn, 2).map(({ name }) => name);
  const [token, ...others] = ["token", "read", "write"].map((name) =>
    requestNames(loggedIn.mix).indexOf(name),
  );
  expect(new Set(names)).toEqual(new Set(others));
  expect(names).not.toContain(token);
});

test("drawn while the load goes on, together or one after another, shares are what each is alone", async () => {
  const plan = planOf(POISSON);
  const startMs = monotonicMs() - 4_000;
  const untilMs = startMs + 4_000;
  const alone = (generator: number) =>
    counted(sharesFrom(plan, 4, startMs).dueFrom(generator, startMs, untilMs));
  const shares = sharesFrom(plan, 4, startMs);
  shares.change(untilMs);
  shares.gone(0);
  shares.gone(2);
  // Until some of it is drawn.
  await sleep(200);
  shares.gone(3);
  const drawn = [0, 2, 3].map((generator) => counted(shares.dueFrom(generator, startMs, untilMs)));
  shares.end();
  expect(drawn).toEqual([0, 2, 3].map(alone));
});

test("what is kept goes with seconds and names, not with requests, and what is told is not kept", () => {
  const rate = 2_000;
  const shares = sharesFrom(planOf(openModel(rate)), 10, 0);
  for (let second = 0; second < LONG_S; second += 60) {
    shares.dueFrom(0, 0, 1000 * second);
    // Nine tell what they have, and the last one is lost.
    for (let generator = 0; generator < 9; generator++) shares.told(generator, 0, second);
  }
  // A minute of nine, and all of one: two names in each second.
  expect(shares.cells).toBeLessThanOrEqual(2 * (LONG_S + 9 * 60));
  expect(sumOf(shares.dueFrom(9, 0, 1000 * LONG_S))).toBe((rate / 10) * LONG_S);
});

test("what was told before somebody was lost is not counted", () => {
  const shares = sharesFrom(planOf(openModel(1_000)), 4, 0);
  for (let generator = 0; generator < 4; generator++) shares.told(generator, 0, 600);
  const due = shares.dueFrom(2, 0, 601_000);
  expect(sumOf(due)).toBe(250);
  expect(shares.dueIn(2, 0, 600)).toHaveLength(due?.length ?? 0);
  expect(shares.cells).toBeLessThanOrEqual(8);
});

test("counts of a generator keep all that was not forgotten, however many come and go", () => {
  const counts = new DueCounts(5);
  const sums: Record<string, number> = {};
  const random = seededRandom(3);
  for (let second = 0; second < 500; second++) {
    for (let at = 0; at < 20; at++) {
      const name = Math.floor(5 * random());
      counts.add(second, name);
      sums[`${second} ${name}`] = (sums[`${second} ${name}`] ?? 0) + 1;
    }
    if (second % 50 === 49) counts.forgetBefore(second - 100);
  }
  const kept = Object.entries(sums).filter(([key]) => Number.parseInt(key, 10) >= 399);
  expect(counted(counts.all())).toEqual(Object.fromEntries(kept));
  expect(counts.cells).toBe(kept.length);
  const last = kept.filter(([key]) => key.startsWith("499 "));
  expect(counted(counts.ofSecond(499))).toEqual(Object.fromEntries(last));
});

test("what is left of a long schedule is drawn while other work of the process goes on", async () => {
  // 20 million requests were due before anybody was lost.
  const startMs = monotonicMs() - 20_000;
  const untilMs = startMs + 20_000;
  const shares = sharesFrom(planOf(openModel(1_000_000)), 2, startMs);
  shares.change(untilMs);
  for (const generator of [0, 1]) shares.told(generator, startMs, 19);
  const standstill = monitorEventLoopDelay({ resolution: 1 });
  standstill.enable();
  shares.gone(0);
  expect(shares.isDrawn(untilMs)).toBe(false);
  const caughtUp = shares.caughtUp(untilMs);
  shares.gone(1);
  await caughtUp;
  standstill.disable();
  shares.end();
  expect(shares.isDrawn(untilMs)).toBe(true);
  const askedMs = monotonicMs();
  const due = [0, 1].map((generator) => sumOf(shares.dueFrom(generator, startMs, untilMs)));
  expect(due).toEqual([500_000, 500_000]);
  // Drawn at once it takes more than a second. A busy machine stands still for some 100 ms by itself.
  expect(standstill.max / 1e6).toBeLessThan(500);
  expect(monotonicMs() - askedMs).toBeLessThan(1_000);
});
