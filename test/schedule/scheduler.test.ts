import { expect, test } from "vitest";
import type { GameDay } from "../../src/gameday/read-game-day.js";
import { DueRuns, scheduleOf } from "../../src/schedule/due/due-runs.js";
import type { GameDayOutcome } from "../../src/schedule/game-day-outcome.js";
import { Scheduler } from "../../src/schedule/scheduler.js";
import type { SchedulerEvent } from "../../src/schedule/scheduler-options.js";
import { FakeClock, gameDayOf, memoryOfTest } from "../helpers/fake-scheduling.js";

const MINUTE_MS = 60_000;
const outcome: GameDayOutcome = {
  verdict: "pass",
  exitCode: 0,
  score: 90,
  durationMs: 1,
  folder: "/reports",
  postponed: null,
};

/** Runs a scheduler on a fake clock; what it told, and when it started what. */
async function simulate(options: {
  readonly gameDays: readonly GameDay[];
  readonly clock: FakeClock;
  readonly memory?: ReturnType<typeof memoryOfTest>;
  readonly takesMs?: (gameDay: GameDay) => number;
  readonly onStart?: (scheduler: Scheduler) => Promise<void>;
}) {
  const { gameDays, clock, memory = memoryOfTest() } = options;
  const told: SchedulerEvent[] = [];
  const started: { readonly name: string; readonly dueMs: number; readonly atMs: number }[] = [];
  let running = 0;
  const scheduler = new Scheduler({
    clock,
    memory,
    stop: clock.stop,
    tell: (event) => void told.push(event),
    async start(gameDay, due) {
      running += 1;
      expect(running).toBe(1);
      started.push({ name: gameDay.data.name, dueMs: due.startMs, atMs: clock.nowMs() });
      await options.onStart?.(scheduler);
      clock.pass(options.takesMs?.(gameDay) ?? MINUTE_MS);
      running -= 1;
      return outcome;
    },
  });
  await scheduler.take(gameDays);
  await scheduler.run();
  const lines = told.flatMap((event) =>
    event.kind === "missed" ? [`${event.gameDay.data.name} missed ${event.count} ${event.catchesUp}`] : [],
  );
  return { told, started, missed: lines, memory };
}

/** When a game day should begin between two instants. */
function expected(gameDay: GameDay, from: string, to: string): readonly number[] {
  const schedule = scheduleOf(gameDay);
  if (!schedule) throw new Error("not scheduled");
  const runs = new DueRuns(schedule);
  const found: number[] = [];
  for (
    let due = runs.after(Date.parse(from));
    due && due.startMs < Date.parse(to);
    due = runs.after(due.nominalMs)
  ) {
    if (!due.quiet) found.push(due.startMs);
  }
  return found;
}

test("a year of five schedules in three zones: each run starts once, on time, in flat memory", {
  timeout: 120_000,
}, async () => {
  const [from, to] = ["2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"];
  const gameDays = [
    gameDayOf("Berlin nights", { cron: "30 2 * * *", timezone: "Europe/Berlin" }),
    gameDayOf("Fridays", { cron: "0 10 * * FRI", timezone: "Europe/Berlin", jitter: "10m" }, [
      "2027-12-20..2028-01-06",
    ]),
    gameDayOf("New York", { cron: "15 1 * * *", timezone: "America/New_York" }),
    gameDayOf("Sydney", { cron: "45 2,14 * * MON-FRI", timezone: "Australia/Sydney" }, ["Fri after 12:00"]),
    gameDayOf("months", { cron: "5 9 1,15 * MON", timezone: "America/New_York", jitter: "1h" }),
  ];
  const heaps: number[] = [];
  const { started, missed } = await simulate({
    gameDays,
    clock: new FakeClock(from, to),
    onStart: async () => void heaps.push(process.memoryUsage().heapUsed),
  });
  expect(missed).toEqual([]);
  for (const gameDay of gameDays) {
    const runs = started.filter(({ name }) => name === gameDay.data.name);
    expect(runs.map(({ dueMs }) => dueMs)).toEqual(expected(gameDay, from, to));
    // Another one may have been running, for a minute each.
    expect(Math.max(...runs.map(({ atMs, dueMs }) => atMs - dueMs))).toBeLessThanOrEqual(4 * MINUTE_MS);
  }
  const alone = started.filter(
    ({ dueMs }) => !started.some((one) => one.dueMs < dueMs && dueMs - one.dueMs < 5 * MINUTE_MS),
  );
  expect(alone.length).toBeGreaterThan(started.length * 0.9);
  expect(Math.max(...alone.map(({ atMs, dueMs }) => atMs - dueMs))).toBeLessThan(1000);
  expect(started.length).toBeGreaterThan(1000);
  // Generous: the heap breathes, but a year of runs must not add up.
  const early = Math.min(...heaps.slice(0, 200));
  const late = Math.min(...heaps.slice(-200));
  expect(late - early).toBeLessThan(30e6);
});

test("runs that passed while nobody was there are missed: skip leaves them out, once runs one for all", async () => {
  for (const catchUp of ["skip", "once"]) {
    const day = gameDayOf("day", { cron: "0 * * * *", catchUp });
    const memory = memoryOfTest();
    await simulate({
      gameDays: [day],
      memory,
      clock: new FakeClock("2027-01-01T00:30:00Z", "2027-01-01T02:30:00Z"),
    });
    const clock = new FakeClock("2027-01-01T06:30:00Z", "2027-01-01T07:30:00Z");
    const { started, missed } = await simulate({ gameDays: [day], memory, clock });
    expect(missed).toEqual([`day missed 4 ${catchUp === "once"}`]);
    expect(started.map(({ atMs }) => new Date(atMs).toISOString().slice(11, 16))).toEqual(
      catchUp === "once" ? ["06:30", "07:00"] : ["07:00"],
    );
  }
});

test("one that became due while another one ran begins after it, and is not missed; its own length counts against itself", async () => {
  const long = gameDayOf("long", { cron: "0 1 * * *" });
  const waits = gameDayOf("waits", { cron: "10 1 * * *" });
  const often = gameDayOf("often", { cron: "*/20 * * * *" });
  const clock = new FakeClock("2027-01-01T00:50:00Z", "2027-01-01T02:30:00Z");
  const { started, missed } = await simulate({
    gameDays: [long, waits, often],
    clock,
    takesMs: ({ data }) => (data.name === "long" ? 65 : 1) * MINUTE_MS,
  });
  const times = started.map(({ name, atMs }) => `${name} ${new Date(atMs).toISOString().slice(11, 16)}`);
  expect(times).toEqual(["long 01:00", "often 02:05", "waits 02:06", "often 02:20"]);
  // 01:00, 01:20 and 01:40 went into the one at 02:05.
  expect(missed).toEqual(["often missed 3 true"]);
  const slow = gameDayOf("slow", { cron: "*/20 * * * *" });
  const alone = await simulate({
    gameDays: [slow],
    clock: new FakeClock("2027-01-01T00:50:00Z", "2027-01-01T02:30:00Z"),
    takesMs: () => 45 * MINUTE_MS,
  });
  expect(alone.missed).toEqual(["slow missed 2 false", "slow missed 2 false"]);
});

test("a run that was cut off is told once, and the next one comes as planned", async () => {
  const day = gameDayOf("day", { cron: "0 * * * *" });
  const memory = memoryOfTest();
  memory.kept.set("day", {
    formatVersion: 1,
    gameDay: "day",
    schedule: "0 * * * * UTC",
    handledUntil: "2027-01-01T01:00:00.000Z",
    running: { due: "2027-01-01T01:00:00.000Z", startedAt: "2027-01-01T01:00:00.100Z" },
    last: null,
  });
  const first = await simulate({
    gameDays: [day],
    memory,
    clock: new FakeClock("2027-01-01T01:10:00Z", "2027-01-01T01:20:00Z"),
  });
  expect(first.told.map(({ kind }) => kind)).toEqual(["interrupted", "next"]);
  expect(memory.kept.get("day")).toMatchObject({ running: null, last: { verdict: "interrupted" } });
  const second = await simulate({
    gameDays: [day],
    memory,
    clock: new FakeClock("2027-01-01T01:30:00Z", "2027-01-01T02:30:00Z"),
  });
  expect(second.told.map(({ kind }) => kind)).toEqual(["next", "started", "ended", "next"]);
});

test("files that are read again take effect, also during a run; what a new line names in the past was never due", async () => {
  const before = gameDayOf("day", { cron: "0 * * * *" });
  const after = gameDayOf("day", { cron: "30 * * * *" });
  let isReread = false;
  const { started, missed } = await simulate({
    gameDays: [before],
    clock: new FakeClock("2027-01-01T00:50:00Z", "2027-01-01T02:50:00Z"),
    async onStart(scheduler) {
      if (!isReread) await scheduler.take([after]);
      isReread = true;
    },
  });
  expect(started.map(({ dueMs }) => new Date(dueMs).toISOString().slice(11, 16))).toEqual([
    "01:00",
    "01:30",
    "02:30",
  ]);
  expect(missed).toEqual([]);
});

test("what falls into a quiet time is told with the reason", async () => {
  const day = gameDayOf("day", { cron: "0 9 * * *" }, ["2027-01-02"]);
  const { told, started } = await simulate({
    gameDays: [day],
    clock: new FakeClock("2027-01-01T00:00:00Z", "2027-01-04T00:00:00Z"),
  });
  expect(told.flatMap((event) => (event.kind === "quiet" ? event.window.text : []))).toEqual(["2027-01-02"]);
  expect(started).toHaveLength(2);
});
