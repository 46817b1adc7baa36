import { monitorEventLoopDelay } from "node:perf_hooks";
import { expect, test } from "vitest";
import { AbsentShares } from "../../../../src/load/distributed/absent/absent-shares.js";
import { DueLog } from "../../../../src/load/distributed/absent/due-log.js";
import { OUTCOME } from "../../../../src/measure/outcome.js";
import type { SecondReport } from "../../../../src/measure/segment-accumulator.js";
import { requestNames } from "../../../../src/plan/load-mix.js";
import type { LoadModel, LoadPlan } from "../../../../src/plan/load-plan.js";
import { monotonicMs, sleep } from "../../../../src/support/clock.js";
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

/** Requests by second and name. */
function counted(reports: readonly SecondReport[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { second, names } of reports) {
    for (const { name, counts } of names) {
      expect(counts.outcomes[OUTCOME.unsent]).toBe(counts.scheduled);
      expect(counts.unsentByGenerator).toBe(counts.scheduled);
      sums[`${second} ${name}`] = (sums[`${second} ${name}`] ?? 0) + counts.scheduled;
    }
  }
  return sums;
}

function sharesOf(plan: LoadPlan, generators: number, stretch: Parameters<AbsentShares["shareOf"]>[1]) {
  const shares = new AbsentShares(
    plan,
    Array.from({ length: generators }, (_, at) => `w${at}`),
  );
  shares.begin(5_000);
  return Array.from({ length: generators }, (_, at) => shares.shareOf(at, stretch) ?? []).flat();
}

const WHOLE = { startMs: 5_000, fromSecond: 0, endMs: 9_500, limits: [] };

test.each([["even", openModel(250)] as const, ["poisson", POISSON] as const])(
  "the shares of several are together the schedule of one (%s)",
  (_, model) => {
    const plan = planOf(model);
    expect(counted(sharesOf(plan, 3, WHOLE))).toEqual(counted(sharesOf(plan, 1, WHOLE)));
  },
);

test("it is exact: so many requests were due from each", () => {
  const plan = planOf(openModel(300));
  const shares = new AbsentShares(plan, ["a", "b", "c"]);
  shares.begin(5_000);
  // From the middle of a segment that began later than the load.
  const reports = shares.shareOf(1, { startMs: 6_000, fromSecond: 2, endMs: 9_500, limits: [] }) ?? [];
  expect(reports.map(({ second }) => second)).toEqual([2, 3]);
  const dueIn = (of: SecondReport | undefined) =>
    of?.names.reduce((sum, { counts }) => sum + counts.scheduled, 0);
  expect(reports.map(dueIn)).toEqual([100, 50]);
});

test("a look in between changes nothing, and forgotten seconds do not come back", () => {
  const plan = planOf(POISSON);
  const shares = new AbsentShares(plan, ["a", "b"]);
  shares.begin(5_000);
  const early = shares.shareOf(1, { ...WHOLE, endMs: 7_000 }) ?? [];
  const whole = shares.shareOf(1, WHOLE) ?? [];
  expect(counted(whole.slice(0, 2))).toEqual(counted(early));
  shares.forget(7_000);
  const later = { startMs: 7_000, fromSecond: 0, endMs: 9_000, limits: [] };
  const moved = (shares.shareOf(1, later) ?? []).map((report) => ({ ...report, second: report.second + 2 }));
  expect(counted(moved)).toEqual(counted(whole.slice(2, 4)));
});

test("limits of a name are counted, all with 0", () => {
  const plan = planOf(openModel(100));
  const limits = [
    { request: null, limitUs: 1000 },
    { request: "write", limitUs: 5000 },
  ];
  const [report] = sharesOf(plan, 1, { ...WHOLE, limits });
  expect(report?.names.map(({ counts }) => counts.slowDue)).toEqual([[0], [0, 0]]);
});

test("the closed model has no schedule", () => {
  const shares = new AbsentShares(planOf(closedModel(10)), ["a"]);
  expect(shares.shareOf(0, WHOLE)).toBeNull();
});

test("requests behind a login are those that were due", () => {
  const plan = planOf(openModel(100));
  if (plan.mix.kind !== "requests") throw new Error("it has requests");
  const { weight: _, ...spec } = request({ name: "token" });
  const login = { ...spec, once: "run", refreshBeforeMs: 0, lifetimeMs: null } as const;
  const loggedIn = { ...plan, mix: { ...plan.mix, login } };
  const names = sharesOf(loggedIn, 2, WHOLE).flatMap((report) => report.names.map(({ name }) => name));
  const [token, ...others] = ["token", "read", "write"].map((name) =>
    requestNames(loggedIn.mix).indexOf(name),
  );
  expect(new Set(names)).toEqual(new Set(others));
  expect(names).not.toContain(token);
});

test("drawn while the load goes on, together or one after another, shares are what each is alone", async () => {
  const plan = planOf(POISSON);
  const startMs = monotonicMs() - 4_000;
  const stretch = { startMs, fromSecond: 1, endMs: startMs + 4_000, limits: [] };
  const names = ["a", "b", "c", "d"];
  const alone = (generator: number) => {
    const shares = new AbsentShares(plan, names);
    shares.begin(startMs);
    return counted(shares.shareOf(generator, stretch) ?? []);
  };
  const shares = new AbsentShares(plan, names);
  shares.begin(startMs);
  shares.gone(0);
  shares.gone(2);
  // Until some of it is drawn.
  await sleep(200);
  shares.gone(3);
  const drawn = [0, 2, 3].map((generator) => counted(shares.shareOf(generator, stretch) ?? []));
  shares.end();
  expect(drawn).toEqual([0, 2, 3].map(alone));
});

test("a log of due times keeps all from the forgotten instant on, however many come and go", () => {
  const log = new DueLog();
  const kept: number[] = [];
  for (let round = 0; round < 20; round++) {
    for (let at = 0; at < 400; at++) log.add(1000 * round + at, at % 3);
    if (round % 4 === 3) log.forget(1000 * (round - 1));
  }
  log.each(18_100, 19_200, (dueMs) => kept.push(dueMs));
  expect(kept[0]).toBe(18_100);
  expect(kept).toHaveLength(300 + 200);
  const all: number[] = [];
  log.each(0, 30_000, (dueMs, name) => all.push(dueMs + name));
  expect(all).toHaveLength(800);
  // What is older is not taken any more.
  log.add(17_999, 0);
  log.each(0, 18_000, () => {
    throw new Error("it was forgotten");
  });
});

test("what is left of a long schedule is drawn while other work of the process goes on", async () => {
  // 20 million requests were due before anybody was lost.
  const plan = planOf(openModel(1_000_000));
  const startMs = monotonicMs() - 20_000;
  const shares = new AbsentShares(plan, ["a", "b"]);
  shares.begin(startMs);
  const standstill = monitorEventLoopDelay({ resolution: 1 });
  standstill.enable();
  shares.gone(0);
  const caughtUp = shares.caughtUp(startMs + 20_000);
  shares.gone(1);
  await caughtUp;
  standstill.disable();
  shares.end();
  const askedMs = monotonicMs();
  const stretch = { startMs, fromSecond: 19, endMs: startMs + 20_000, limits: [] };
  const due = [0, 1].map((generator) => Object.values(counted(shares.shareOf(generator, stretch) ?? [])));
  expect(due.map((counts) => counts.reduce((sum, count) => sum + count, 0))).toEqual([500_000, 500_000]);
  // Drawn at once it takes more than a second. A busy machine stands still for some 100 ms by itself.
  expect(standstill.max / 1e6).toBeLessThan(500);
  expect(monotonicMs() - askedMs).toBeLessThan(1_000);
});
