import { expect, test as oneTest } from "vitest";
import { OUTCOMES } from "../../../src/measure/outcome.js";
import type { SegmentMeasurement } from "../../../src/measure/segment-accumulator.js";
import { monotonicMs, sleep } from "../../../src/support/clock.js";
import { testAtOnce } from "../../helpers/at-once.js";
import { loadOf, openCrew, startCountingTarget, until } from "../../helpers/crews.js";
import { closedModel, feedOf, loadPlan, openModel, request, sum, totals } from "../../helpers/load-plans.js";
import { hasNats, says, startNats, startWorkers } from "../../helpers/real-nats.js";

const test = hasNats ? testAtOnce : (name: string) => oneTest.skip(name, () => {});

const REQUESTS = { kind: "requests", requests: [request({ path: "/${seq}-${data.users.id}" })] } as const;

function users(count: number) {
  const rows = Array.from({ length: count }, (_, at) => ({ id: String(at) }));
  return feedOf("users", "round-robin", rows);
}

/**
 * Each request has one outcome, and so many were due in each second. Who hears late of an end, on a busy machine, goes on a little
 * longer.
 */
function expectSchedule({ all, durationS }: SegmentMeasurement, dueBySecond: readonly number[]): void {
  const { scheduled } = all;
  if (durationS === dueBySecond.length) expect(scheduled).toEqual(dueBySecond);
  const last = dueBySecond.length - 1;
  expect(scheduled.slice(0, last)).toEqual(dueBySecond.slice(0, last));
  expect(scheduled[last]).toBeGreaterThanOrEqual(dueBySecond[last] ?? 0);
  const ended = scheduled.map((_, at) => sum(OUTCOMES.map((outcome) => all.outcomes[outcome][at] ?? 0)));
  expect(ended).toEqual(scheduled);
}

test("workers make the load of one machine together: same schedule, no number twice, and who saw what", async () => {
  const nats = await startNats();
  const target = await startCountingTarget();
  await startWorkers(nats.url, ["a", "b", "c"]);
  const { crew } = await openCrew(nats.url, { expect: 3 });
  expect(crew.isHere).toBe(true);
  const plan = loadPlan(target.url, openModel(90), { mix: REQUESTS, feeds: [users(5000)] });
  const session = await loadOf(crew, plan);
  const { startedAtMs } = await session.begin({ id: "first", limits: [{ request: null, limitUs: 1 }] });
  await until(startedAtMs + 2_000);
  await session.begin({ id: "second", limits: [] }, startedAtMs + 2_000);
  const first = await session.drain("first");
  await until(startedAtMs + 3_000);
  await session.end(startedAtMs + 3_000);
  const second = await session.drain("second");
  const seen = crew.records(["first", "second"], (atMs) => atMs - startedAtMs);
  expect([first.lost, first.lostWorkers, second.lost]).toEqual([null, undefined, null]);
  expectSchedule(first, [90, 90]);
  expect(totals(first.all).scheduled + totals(second.all).scheduled).toBeGreaterThanOrEqual(270);
  // Each number, and each row, once: 1-0, 2-1, …
  const sent = target.requests.map(({ path }) => path);
  const counted = [first, second].map(({ all }) => totals(all));
  expect(new Set(sent).size).toBe(sent.length);
  expect(sent.length).toBeGreaterThanOrEqual(sum(counted.map(({ ok }) => ok)));
  expect(sum(counted.map(({ ok }) => ok))).toBeGreaterThan(100);
  for (const path of sent) {
    const [number, row] = path.slice(1).split("-").map(Number);
    expect(row).toBe((number ?? 0) - 1);
  }
  expect(sum(first.all.slow[0]?.due ?? [])).toBe(counted[0]?.ok);
  expect(seen.map(({ name, threads, lost }) => [name, threads, lost])).toEqual([
    ["a", 1, null],
    ["b", 1, null],
    ["c", 1, null],
  ]);
  // Who saw what is, together, what was seen.
  const ok = ["first", "second"].map((id) =>
    seen.map(({ phases }) => phases.find((phase) => phase.id === id)?.outcomes.ok ?? 0),
  );
  expect(ok.map(sum)).toEqual(counted.map((each) => each.ok));
  for (const of of ok[0] ?? []) expect(of).toBeGreaterThan(0);
  for (const { clock } of seen) {
    // One machine has one clock.
    expect(Math.abs(clock.offsetMs)).toBeLessThanOrEqual(clock.errorMs + 0.1);
  }
});

test("a worker that dies is noticed, its share goes to nobody, and nothing that it owes becomes smaller", async () => {
  const nats = await startNats();
  const target = await startCountingTarget();
  const workers = await startWorkers(nats.url, ["a", "b", "c"]);
  const { crew, warnings } = await openCrew(nats.url, { expect: 3 });
  const session = await loadOf(crew, loadPlan(target.url, openModel(90)));
  const { startedAtMs } = await session.begin({ id: "first", limits: [{ request: null, limitUs: 100_000 }] });
  await sleep(1_300);
  const killedMs = monotonicMs();
  workers[1]?.kill("SIGKILL");
  while (warnings.length === 0 && monotonicMs() - killedMs < 5_000) await sleep(10);
  const noticedMs = monotonicMs() - killedMs;
  await until(startedAtMs + 4_000);
  const looked = await session.snapshot("first");
  await session.begin({ id: "second", limits: [] }, startedAtMs + 4_000);
  const first = await session.drain("first");
  await until(startedAtMs + 5_000);
  await session.end(startedAtMs + 5_000);
  const second = await session.drain("second");
  const [, ofB] = crew.records(["first"], (atMs) => (atMs - startedAtMs) / 1000);
  expect(warnings).toEqual([expect.stringMatching(/^worker b on .+ was lost: its process is gone/)]);
  // A second is promised; the rest is for a busy machine.
  expect(noticedMs).toBeLessThan(2_500);
  expect(first.lost).toBeNull();
  expectSchedule(first, [90, 90, 90, 90]);
  const [lost] = first.lostWorkers ?? [];
  const due = lost?.due ?? [];
  expect(lost?.worker).toBe("b");
  expect(lost?.fromS).toBeLessThanOrEqual(2);
  expect(due.slice(2, 4)).toEqual([30, 30]);
  // It had told of some of its seconds, and that stays.
  expect(first.reasons["unsent: lost with worker b"]).toBe(sum(due));
  for (const [second, unsent] of first.all.unsentByGenerator.entries()) {
    expect(unsent).toBeGreaterThanOrEqual(due[second] ?? 0);
  }
  // Asked in between, it is the same.
  expect(looked.all.scheduled.slice(0, 3)).toEqual([90, 90, 90]);
  const { ok, scheduled } = totals(first.all);
  expect(ok).toBeLessThanOrEqual(scheduled - sum(due));
  expect(second.lostWorkers).toMatchObject([{ worker: "b", fromS: 0 }]);
  if (second.durationS === 1) expect(second.lostWorkers?.[0]?.due).toEqual([30]);
  expect(totals(second.all).unsent).toBeGreaterThanOrEqual(sum(second.lostWorkers?.[0]?.due ?? []));
  expect(ofB?.lost?.atS).toBeGreaterThan(1);
  expect(ofB?.lost?.reason).toMatch(/process is gone/);
});

test("workers in the closed model: connections are dealt out, and who dies makes the segment invalid", async () => {
  const nats = await startNats();
  const target = await startCountingTarget(20);
  const workers = await startWorkers(nats.url, ["a", "b"]);
  const { crew } = await openCrew(nats.url, { expect: 2 });
  const session = await loadOf(crew, loadPlan(target.url, closedModel(5)));
  await session.begin({ id: "first", limits: [] });
  await sleep(800);
  const looked = await session.snapshot("first");
  workers[0]?.kill("SIGKILL");
  await sleep(1_500);
  await session.begin({ id: "second", limits: [] });
  const first = await session.drain("first");
  await sleep(600);
  await session.end();
  const second = await session.drain("second");
  expect(looked.connectionsOpened).toBe(5);
  expect(looked.lost).toBeNull();
  expect(first.lost).toMatch(/^worker a on .+ was lost/);
  expect(second.lost).toBeNull();
  expect(second.lostWorkers).toEqual([{ worker: "a", fromS: 0, due: [] }]);
  expect(totals(second.all).ok).toBeGreaterThan(10);
});

test("a ready worker that is lost while another still gets its plan ends the run before its load begins", async () => {
  const nats = await startNats();
  const target = await startCountingTarget();
  const workers = await startWorkers(nats.url, ["a", "b"]);
  const { crew } = await openCrew(nats.url, { expect: 2 });
  // It never gets ready, and is itself lost after three seconds.
  workers[1]?.kill("SIGSTOP");
  const started = loadOf(crew, loadPlan(target.url, openModel(90))).then(
    () => "it has begun",
    (error: unknown) => String(error),
  );
  if (workers[0]) await says(workers[0], "ready to load");
  workers[0]?.kill("SIGKILL");
  expect(await started).toMatch(/worker a on .+ was lost before the load began: its process is gone/);
  expect(target.requests).toEqual([]);
});

test("a worker that hangs is lost after three seconds, and has stopped when it goes on", async () => {
  const nats = await startNats();
  const target = await startCountingTarget();
  const workers = await startWorkers(nats.url, ["a", "b"]);
  const { crew, warnings } = await openCrew(nats.url, { expect: 2 });
  const session = await loadOf(
    crew,
    loadPlan(target.url, openModel(200), { mix: REQUESTS, feeds: [users(5000)] }),
  );
  await session.begin({ id: "first", limits: [] });
  await sleep(500);
  workers[1]?.kill("SIGSTOP");
  await sleep(4_000);
  expect(warnings).toEqual([
    expect.stringMatching(/^worker b on .+ was lost: nothing was heard of it for 3 s/),
  ]);
  workers[1]?.kill("SIGCONT");
  // It heard nothing of its run, or finds the word that it is to stop, whichever it sees first.
  if (workers[1]) await says(workers[1], "the run is over");
  const before = target.requests.length;
  await sleep(500);
  const after = target.requests.slice(before).map(({ path }) => Number(/\d+/.exec(path)));
  // Those of a have odd numbers.
  expect(after.filter((number) => number % 2 === 0)).toEqual([]);
  expect(after.length).toBeGreaterThan(10);
});

test("workers go on when the server is started anew, and nothing is missing", async () => {
  const nats = await startNats();
  const target = await startCountingTarget();
  await startWorkers(nats.url, ["a", "b"]);
  const { crew, warnings } = await openCrew(nats.url, { expect: 2 });
  const session = await loadOf(crew, loadPlan(target.url, openModel(60)));
  const { startedAtMs } = await session.begin({ id: "first", limits: [] });
  await sleep(700);
  await nats.kill();
  await sleep(300);
  await nats.start();
  await until(startedAtMs + 4_000);
  await session.end(startedAtMs + 4_000);
  const first = await session.drain("first");
  expect(warnings.slice(0, 2)).toEqual([
    expect.stringMatching(/connection to the NATS server .+ was lost/),
    expect.stringMatching(/connection to the NATS server .+ is there again/),
  ]);
  expectSchedule(first, [60, 60, 60, 60]);
  // A busy machine may take longer to start it than workers wait. Then that is told.
  if (warnings.length === 2) expect([first.lost, first.lostWorkers]).toEqual([null, undefined]);
  else expect(first.lost !== null || first.lostWorkers !== undefined).toBe(true);
});

test("workers stop within three seconds when the server is gone, and the load says so", async () => {
  const nats = await startNats();
  const target = await startCountingTarget();
  await startWorkers(nats.url, ["a", "b"]);
  const { crew } = await openCrew(nats.url, { expect: 2 });
  const lost: string[] = [];
  const session = await loadOf(crew, loadPlan(target.url, openModel(200)), (reason) => lost.push(reason));
  await session.begin({ id: "first", limits: [] });
  await sleep(500);
  await nats.kill();
  const killedMs = monotonicMs();
  for (let tries = 0; lost.length === 0 && tries < 400; tries++) await sleep(25);
  await sleep(1_500);
  const sentFor = (target.requests.at(-1)?.atMs ?? 0) - killedMs;
  // Three seconds are promised; the rest is for a busy machine.
  expect(sentFor).toBeLessThan(4_500);
  expect(sentFor).toBeGreaterThan(1_000);
  await session.begin({ id: "second", limits: [] });
  const first = await session.drain("first");
  expect(first.lost).toMatch(/was lost: nothing was heard of it/);
  expect(totals(first.all).scheduled).toBeGreaterThanOrEqual(600);
});

test("a worker may be told to leave, and the run hears why", async () => {
  const nats = await startNats();
  const target = await startCountingTarget();
  const workers = await startWorkers(nats.url, ["a", "b"]);
  const { crew, warnings } = await openCrew(nats.url, { expect: 2 });
  const session = await loadOf(crew, loadPlan(target.url, openModel(100)));
  await session.begin({ id: "first", limits: [] });
  await sleep(300);
  workers[0]?.kill("SIGTERM");
  expect((await workers[0]?.finished)?.code).toBe(0);
  for (let tries = 0; warnings.length === 0 && tries < 200; tries++) await sleep(25);
  expect(warnings).toEqual([
    expect.stringMatching(/^worker a on .+ was lost: the worker was stopped by SIGTERM$/),
  ]);
  expect((await session.snapshot("first")).lostWorkers).toHaveLength(1);
});
