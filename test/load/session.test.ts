import { afterEach, describe, expect, test } from "vitest";
import type { LiveSample } from "../../src/load/session.js";
import { startLoad, ThreadedLoad } from "../../src/load/start-load.js";
import { OUTCOMES } from "../../src/measure/outcome.js";
import { monotonicMs, sleep } from "../../src/support/clock.js";
import { type HostileServer, ok, startHostileServer } from "../helpers/hostile-server.js";
import { everyConnectionIsKnown } from "../helpers/known-connections.js";
import { closedModel, loadPlan, openModel, request, runLoad, sum, totals } from "../helpers/load-plans.js";

const servers: HostileServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.down();
});

async function start(delayMs = 0): Promise<HostileServer> {
  const server = await startHostileServer({
    onRequest: (socket) => {
      if (delayMs === 0) socket.write(ok());
      else setTimeout(() => socket.writable && socket.write(ok()), delayMs);
    },
  });
  servers.push(server);
  return server;
}

describe.each([1, 2])("segments with %i threads", (workers) => {
  test("follow each other without a gap, and each request is in the one in which it was due", async () => {
    const server = await start(200);
    const session = await startLoad({ plan: loadPlan(server.url, openModel(100), { workers }) });
    try {
      const first = await session.begin({ id: "first", limits: [] });
      await sleep(700);
      const second = await session.begin({ id: "second", limits: [{ request: null, limitUs: 150_000 }] });
      const a = await session.drain("first");
      await sleep(600);
      await session.end();
      const b = await session.drain("second");
      expect(a.durationS).toBeCloseTo((second.startedAtMs - first.startedAtMs) / 1000, 6);
      const dueA = Math.ceil(a.durationS * 100 - 1e-6);
      const dueB = Math.ceil((a.durationS + b.durationS) * 100 - 1e-6) - dueA;
      const [countsA, countsB] = [totals(a.all), totals(b.all)];
      // The schedule says exactly which are due. A thread that hears late of a boundary keeps what it has sent.
      expect(countsA.scheduled + countsB.scheduled).toBeGreaterThanOrEqual(dueA + dueB);
      expect(countsA.scheduled + countsB.scheduled).toBeLessThan(dueA + dueB + 40);
      expect(countsA.scheduled).toBeGreaterThanOrEqual(dueA);
      expect(countsA.scheduled).toBeLessThan(dueA + 40);
      // The last 20 of the first segment were answered in the second, and still belong to the first.
      expect(countsA.ok).toBe(countsA.scheduled);
      expect(countsB.ok).toBe(countsB.scheduled);
      expect(a.all.slow).toEqual([]);
      expect(sum(b.all.slow[0]?.due ?? [])).toBe(countsB.scheduled);
      expect(a.all.scheduled).toHaveLength(Math.ceil(a.durationS));
      expect(server.requests).toBe(countsA.scheduled + countsB.scheduled);
      await expect(session.drain("first")).rejects.toThrow(/drained/);
    } finally {
      await session.stop();
    }
  });

  test("can be looked at while they go on", async () => {
    const server = await start(300);
    const session = await startLoad({ plan: loadPlan(server.url, openModel(100), { workers }) });
    try {
      await session.begin({ id: "all", limits: [] });
      await sleep(1300);
      const early = totals((await session.snapshot("all")).all);
      // About 30 are on their way: due, and without an outcome.
      expect(early.scheduled - early.ok).toBeGreaterThan(15);
      expect(early.scheduled - early.ok).toBeLessThan(60);
      expect(early.ok).toBeGreaterThan(60);
      await session.end();
      const late = totals((await session.drain("all")).all);
      expect(late.ok).toBe(late.scheduled);
      expect(late.scheduled).toBeGreaterThan(early.scheduled);
    } finally {
      await session.stop();
    }
  });

  test("report live what ended, all of it once", async () => {
    const server = await start(10);
    const samples: LiveSample[] = [];
    const session = await startLoad({
      plan: loadPlan(server.url, openModel(100), { workers }),
      onLive: (sample) => samples.push(sample),
    });
    try {
      await session.begin({ id: "a", limits: [{ request: null, limitUs: 5000 }] });
      await sleep(1100);
      await session.begin({ id: "b", limits: [] });
      const a = totals((await session.drain("a")).all);
      await sleep(600);
      await session.end();
      const b = totals((await session.drain("b")).all);
      const ended = () =>
        sum(samples.flatMap((sample) => OUTCOMES.map((outcome) => sample.outcomes[outcome])));
      await expect.poll(ended, { timeout: 5000 }).toBe(a.scheduled + b.scheduled);
      await sleep(300);
      expect(ended()).toBe(a.scheduled + b.scheduled);
      const ofA = samples.filter((sample) => sample.segmentId === "a");
      expect(ofA.length).toBeGreaterThanOrEqual(3);
      expect(sum(ofA.map((sample) => sample.slow[0] ?? 0))).toBe(
        sum(ofA.map((sample) => sample.outcomes.ok)),
      );
      for (const { outcomes, requests } of samples) {
        for (const outcome of OUTCOMES) {
          expect(sum([...requests.values()].map((counts) => counts[outcome]))).toBe(outcomes[outcome]);
        }
      }
      expect(ofA.some((sample) => sample.p99Ms !== null && sample.p99Ms >= 9)).toBe(true);
    } finally {
      await session.stop();
    }
  });
});

test("several threads share one schedule: no more requests than one thread would make", async () => {
  const server = await start();
  const measured = await runLoad(loadPlan(server.url, openModel(150), { workers: 3 }), 1000);
  const { scheduled, ok: answered } = totals(measured.all);
  expect(answered).toBe(server.requests);
  expect(answered).toBe(scheduled);
  // A thread that hears late of the end sends a little more than the others.
  expect(Math.abs(scheduled - measured.durationS * 150)).toBeLessThan(50);
});

test("the death of one thread makes its segments lost, never silently smaller", async () => {
  const server = await start();
  const lost: string[] = [];
  const session = await ThreadedLoad.start({
    plan: loadPlan(server.url, openModel(100), { workers: 2 }),
    onLost: (reason) => lost.push(reason),
  });
  try {
    await session.begin({ id: "first", limits: [] });
    await sleep(300);
    await session.generators.workers[0]?.terminate();
    await session.begin({ id: "second", limits: [] });
    expect((await session.drain("first")).lost).toMatch(/load thread 1 ended/);
    await sleep(300);
    expect((await session.snapshot("second")).lost).toMatch(/load thread 1 ended/);
    await session.end();
    expect((await session.drain("second")).lost).toMatch(/load thread 1 ended/);
    expect(lost).toHaveLength(1);
  } finally {
    await session.stop();
  }
});

test("stopping closes all sockets at once, can be done twice, and ends what waits", async () => {
  const server = await start(5000);
  const session = await startLoad({ plan: loadPlan(server.url, closedModel(5), { timeoutMs: 10_000 }) });
  await session.begin({ id: "all", limits: [] });
  await expect.poll(() => server.openSockets).toBe(5);
  const drained = session.end().then(() => session.drain("all"));
  await sleep(100);
  await Promise.all([session.stop(), session.stop()]);
  // What was in flight is not counted: such a segment must not pass for a whole one.
  expect((await drained).lost).toBe("the load was stopped");
  await expect.poll(() => server.openSockets).toBe(0);
  await expect(session.begin({ id: "more", limits: [] })).rejects.toThrow(/has been stopped/);
});

test("no more connections than allowed are open; what finds none free in time is unsent, by the system's fault", async () => {
  const server = await start(60_000);
  const session = await startLoad({ plan: loadPlan(server.url, openModel(1000, 2), { timeoutMs: 600 }) });
  try {
    await session.begin({ id: "all", limits: [] });
    await sleep(500);
    expect(server.openSockets).toBeLessThanOrEqual(2);
    await sleep(700);
    await session.end();
    const measured = await session.drain("all");
    const counts = totals(measured.all);
    expect(counts.unsent + counts.timeout).toBe(counts.scheduled);
    // 2 connections that hang for 600 ms each cannot take a thousand requests a second.
    expect(counts.unsent).toBeGreaterThan(counts.scheduled / 2);
    // Some are the generator's on a busy machine.
    expect(sum(measured.all.unsentByGenerator)).toBeLessThan(counts.unsent / 2);
    // What timed out while it was still connecting never reached the target.
    expect(server.requests).toBeLessThanOrEqual(counts.timeout);
  } finally {
    await session.stop();
  }
});

test("waiting for a connection is latency, not lag", async () => {
  const server = await start(100);
  // 4 connections answer 40 requests a second; 50 are due, so the queue grows by 10 a second.
  const measured = await runLoad(loadPlan(server.url, openModel(50, 4), { timeoutMs: 5000 }), 2000);
  const counts = totals(measured.all);
  expect(counts.ok).toBe(counts.scheduled);
  expect(server.connections).toBe(4);
  const slowest = Math.max(...measured.all.latencyMs.max.map((ms) => ms ?? 0));
  expect(slowest).toBeGreaterThan(300);
  expect(Math.max(...measured.all.lagP99Ms.map((ms) => ms ?? 0))).toBeLessThan(slowest / 2);
});

test("connections are opened when they are needed, and the last one used is used first", async () => {
  const server = await start();
  const measured = await runLoad(loadPlan(server.url, openModel(50, 100)), 1000);
  await everyConnectionIsKnown(server, measured);
  expect(server.connections).toBeLessThan(25);
});

test("in the closed model the profile's connections work, each waiting for its answer and the think time", async () => {
  const server = await start(20);
  const profile = {
    startValue: 2,
    stages: [
      { kind: "step", durationMs: 1000, to: 2 },
      { kind: "step", durationMs: 1000, to: 6 },
      { kind: "step", durationMs: 1000, to: 1 },
    ],
  } as const;
  const model = { kind: "closed", profile, thinkTimeMs: 30 } as const;
  const measured = await runLoad(loadPlan(server.url, model, { workers: 2 }), 3000);
  const [two = 0, six = 0, one = 0] = measured.all.scheduled;
  expect(totals(measured.all).ok).toBe(server.requests);
  // 50 ms a turn: 20 a second for each connection at best.
  expect(two).toBeLessThanOrEqual(44);
  expect(six).toBeLessThanOrEqual(130);
  expect(one).toBeLessThanOrEqual(27);
  expect(six).toBeGreaterThan(two);
  expect(one).toBeLessThan(six);
  expect(server.connections).toBe(6);
});

test("ramps of the open model are followed", async () => {
  const server = await start();
  const profile = { startValue: 0, stages: [{ kind: "ramp", durationMs: 2000, to: 200 }] } as const;
  const model = { kind: "open", arrivals: "even", profile, maxConnections: 50 } as const;
  const measured = await runLoad(loadPlan(server.url, model), 2000);
  // ∫ 100 t dt
  expect(measured.all.scheduled[0]).toBe(50);
  expect(measured.all.scheduled[1]).toBeGreaterThanOrEqual(149);
  expect(measured.all.scheduled[1]).toBeLessThanOrEqual(151);
});

test("the mix follows the weights, and each name has its own numbers", async () => {
  const server = await start();
  const requests = [
    request({ name: "often", weight: 9 }),
    request({ name: "seldom", path: "/seldom", weight: 1 }),
    request({ name: "never", weight: 0 }),
  ];
  const plan = loadPlan(server.url, openModel(500), { mix: { kind: "requests", requests } });
  const measured = await runLoad(plan, 1000);
  expect(measured.requests.map((series) => series.request)).toEqual(["often", "seldom"]);
  const [often, seldom] = measured.requests.map((series) => totals(series).ok);
  expect((often ?? 0) + (seldom ?? 0)).toBe(totals(measured.all).ok);
  // 50 of 510 expected; the same seed always draws the same.
  expect(seldom).toBeGreaterThan(25);
  expect(seldom).toBeLessThan(80);
});

test("load goes on when a segment begins after an end; nothing is due in between", async () => {
  const server = await start(1500);
  const session = await startLoad({ plan: loadPlan(server.url, openModel(100)) });
  try {
    await session.begin({ id: "a", limits: [] });
    await sleep(300);
    await session.end();
    await sleep(1000);
    const sentInA = server.requests;
    // Its answers are still to come.
    await session.begin({ id: "b", limits: [] });
    await sleep(300);
    await session.end();
    const a = totals((await session.drain("a")).all);
    const b = totals((await session.drain("b")).all);
    expect(a.scheduled).toBe(sentInA);
    expect(b.scheduled).toBeGreaterThan(20);
    expect(b.scheduled).toBeLessThan(100);
    expect(b.ok).toBe(b.scheduled);
    expect(server.requests).toBe(a.scheduled + b.scheduled);
  } finally {
    await session.stop();
  }
});

test("a segment says by the wall clock when it began, also when that was planned ahead", async () => {
  const server = await start();
  const session = await startLoad({ plan: loadPlan(server.url, openModel(50)) });
  try {
    const plannedMs = Date.now() + 700;
    await session.begin({ id: "a", limits: [] }, monotonicMs() + 700);
    const { startedAt } = await session.snapshot("a");
    // The two clocks are read one after the other.
    expect(Math.abs(Date.parse(startedAt) - plannedMs)).toBeLessThan(50);
  } finally {
    await session.stop();
  }
});

test("many short segments under full load each have all their requests, in both models", async () => {
  const server = await start();
  for (const model of [openModel(400), closedModel(4)]) {
    const before = server.requests;
    const session = await startLoad({ plan: loadPlan(server.url, model, { workers: 2 }) });
    try {
      let counted = 0;
      for (let i = 0; i < 25; i++) {
        await session.begin({ id: `${i}`, limits: [] });
        await sleep(30);
        if (i > 0) counted += totals((await session.drain(`${i - 1}`)).all).ok;
      }
      await session.end();
      const last = await session.drain("24");
      expect(last.lost).toBeNull();
      counted += totals(last.all).ok;
      expect(server.requests - before).toBe(counted);
    } finally {
      await session.stop();
    }
  }
});
