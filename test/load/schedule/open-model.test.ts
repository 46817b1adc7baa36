import { expect, test } from "vitest";
import type { Channel } from "../../../src/load/channel.js";
import type { CompiledMix } from "../../../src/load/mix/compiled-mix.js";
import type { Ticket } from "../../../src/load/mix/ticket.js";
import { VirtualUsers } from "../../../src/load/mix/virtual-users.js";
import { Arrivals } from "../../../src/load/schedule/arrivals.js";
import { ChannelPool } from "../../../src/load/schedule/channel-pool.js";
import type { Dispatcher } from "../../../src/load/schedule/model-driver.js";
import { OpenModel } from "../../../src/load/schedule/open-model.js";
import { type Random, seededRandom } from "../../../src/support/random.js";

const TIMEOUT_MS = 300;

const poolOf = (channels: readonly Channel[]) => new ChannelPool(channels, false);

interface Dispatched {
  readonly dueUs: number;
  readonly deadlineUs: number;
  readonly lagUs: number;
}

/** 1,000 requests a second on connections that were never opened, or all are open; the test is the clock. */
function startModel(connections: number, isOpen = false, isOver = (_dueUs: number) => false) {
  const sent: Dispatched[] = [];
  const unsent: { readonly dueUs: number; readonly isOwnDoing: boolean }[] = [];
  const free: Channel[] = [];
  const dispatcher: Dispatcher = {
    turnStartUs: 0,
    // Of tickets, users and channels the model uses just this much.
    schedule: (dueUs) =>
      isOver(dueUs) ? null : ({ dueUs, deadlineUs: dueUs + TIMEOUT_MS * 1000 } as Ticket),
    send: ({ dueUs, deadlineUs }, channel, lagUs) => {
      sent.push({ dueUs, deadlineUs, lagUs });
      free.push(channel);
    },
    unsent: ({ dueUs }, isOwnDoing) => unsent.push({ dueUs, isOwnDoing }),
  };
  const slots = Array.from(
    { length: connections },
    (_, index) => ({ index, isOpen, isIdle: true, hasRoom: false }) as Channel,
  );
  const arrivals = new Arrivals({ startValue: 1000, stages: [] }, "even", seededRandom(1));
  const users = { begin: () => ({}), skip: () => {} } as unknown as VirtualUsers;
  const model = new OpenModel(
    arrivals,
    { thread: 0, threads: 1 },
    users,
    poolOf(slots),
    dispatcher,
    TIMEOUT_MS,
  );
  model.start(0);
  return { model, sent, unsent };
}

test("no more than ten connections are opened in a turn, and what that holds up counts as lag from when it was due", () => {
  const { model, sent } = startModel(100);
  model.pump(19_500, true);
  expect(sent.map(({ dueUs }) => dueUs)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((ms) => ms * 1000));
  expect(model.nextDueUs()).toBeLessThanOrEqual(19_500);
  model.pump(19_800, true);
  expect(sent).toHaveLength(20);
  for (const { dueUs, lagUs } of sent.slice(10)) expect(lagUs).toBe(19_800 - dueUs);
  expect(model.nextDueUs()).toBe(20_000);
});

test("what was held up until it was too late is not sent any more: the generator's doing, not a timeout", () => {
  const { model, sent, unsent } = startModel(100);
  model.pump(19_500, true);
  const before = sent.length;
  model.pump(400_000, true);
  expect(unsent.slice(0, 10)).toEqual(
    Array.from({ length: 10 }, (_, i) => ({ dueUs: (10 + i) * 1000, isOwnDoing: true })),
  );
  expect(unsent.every(({ isOwnDoing }) => isOwnDoing)).toBe(true);
  for (const { deadlineUs } of sent.slice(before)) expect(deadlineUs).toBeGreaterThanOrEqual(400_000);
});

test("what finds all connections busy for too long is the system's doing", () => {
  const { model, sent, unsent } = startModel(5);
  for (let nowUs = 0; nowUs <= 400_000; nowUs += 500) model.pump(nowUs, true);
  expect(sent).toHaveLength(5);
  expect(unsent.length).toBeGreaterThan(100);
  expect(unsent.some(({ isOwnDoing }) => isOwnDoing)).toBe(false);
});

test("what is due at once leaves in parts, each after a reading of the sockets; what waits for that is lag", () => {
  const { model, sent } = startModel(1000, true);
  model.pump(300_000, true);
  expect(sent).toHaveLength(64);
  model.pump(300_010, false);
  expect(sent).toHaveLength(64);
  const counts: number[] = [];
  for (let reading = 1; sent.length < 301; reading++) {
    model.pump(300_000 + reading * 100, true);
    counts.push(sent.length);
  }
  expect(counts[0]).toBeGreaterThan(64);
  expect(counts[0]).toBeLessThan(100);
  for (const { dueUs, lagUs } of sent.slice(64)) expect(lagUs).toBeGreaterThanOrEqual(300_000 - dueUs);
});

test("what would have been due between a stop and going on never is, and is no standstill of the generator", () => {
  const inBetween = (dueUs: number) => dueUs >= 10_000 && dueUs < 5_000_000;
  const { model, sent, unsent } = startModel(1000, true, inBetween);
  model.pump(500, true);
  model.stopAt(10_000);
  for (let nowUs = 1000; nowUs <= 12_000; nowUs += 1000) model.pump(nowUs, true);
  expect(sent.map(({ dueUs }) => dueUs)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((ms) => ms * 1000));
  expect(model.nextDueUs()).toBe(Number.POSITIVE_INFINITY);
  model.goOnAt(5_000_000);
  for (let nowUs = 5_000_000; nowUs <= 5_010_000; nowUs += 500) model.pump(nowUs, true);
  const later = sent.filter(({ dueUs }) => dueUs >= 5_000_000);
  expect(later.map(({ dueUs }) => dueUs)).toEqual(
    Array.from({ length: 11 }, (_, ms) => 5_000_000 + ms * 1000),
  );
  for (const { lagUs } of later) expect(lagUs).toBe(0);
  expect(unsent).toEqual([]);
});

test("several threads make the same requests at the same times as one thread, each its share of them", () => {
  const schedule = (threads: number) =>
    Array.from({ length: threads }, (_, thread) => {
      const due: { readonly dueUs: number; readonly drawn: unknown }[] = [];
      const dispatcher: Dispatcher = {
        turnStartUs: 0,
        schedule: (dueUs, { sequence }) => {
          due.push({ dueUs, drawn: sequence });
          return null;
        },
        send: () => {},
        unsent: () => {},
      };
      // Of a mix the users use just this much.
      const choose = (random: Random) => ({ drawn: random(), steps: [{ request: { isConstant: false } }] });
      const users = new VirtualUsers({ choose } as unknown as CompiledMix, seededRandom(7));
      const arrivals = new Arrivals({ startValue: 1000, stages: [] }, "poisson", seededRandom(3));
      const model = new OpenModel(arrivals, { thread, threads }, users, poolOf([]), dispatcher, TIMEOUT_MS);
      model.start(0);
      for (let nowUs = 0; nowUs <= 500_000; nowUs += 500) model.pump(nowUs, true);
      return due;
    });
  const [alone] = schedule(1);
  const shares = schedule(3);
  expect(alone?.length).toBeGreaterThan(400);
  for (const [thread, share] of shares.entries()) {
    expect(share).toEqual(alone?.filter((_, i) => i % 3 === thread));
  }
});

interface SimulatedSecond {
  unsentBySystem: number;
  unsentByGenerator: number;
  /** The longest wait for a connection that is not said to be the generator's. */
  systemsWaitUs: number;
  generatorsWaitUs: number;
}

/**
 * A generator that is never late but for one standstill, on a clock of the test's, before a system that takes
 * `serviceMs` on each of its connections. By second of due time.
 */
function simulate(
  { ratePerS, slots, serviceMs }: { ratePerS: number; slots: number; serviceMs: number },
  standstill: { fromMs: number; ms: number },
) {
  const timeoutMs = 1000;
  const seconds = Array.from({ length: 12 }, (): SimulatedSecond => {
    return { unsentBySystem: 0, unsentByGenerator: 0, systemsWaitUs: 0, generatorsWaitUs: 0 };
  });
  const of = ({ dueUs }: { readonly dueUs: number }) => seconds[Math.floor(dueUs / 1e6)]!;
  const busy = new Map<Channel, { readonly ticket: Ticket; readonly untilUs: number }>();
  const channels = Array.from(
    { length: slots },
    (_, index) => ({ index, isOpen: true, isIdle: true, hasRoom: false }) as Channel,
  );
  let nowUs = 0;
  const dispatcher: Dispatcher = {
    get turnStartUs() {
      return nowUs;
    },
    schedule: (dueUs, user) => ({ dueUs, deadlineUs: dueUs + timeoutMs * 1000, user }) as Ticket,
    send: (ticket, channel, lagUs) => {
      const waitUs = nowUs - ticket.dueUs;
      const second = of(ticket);
      second.systemsWaitUs = Math.max(second.systemsWaitUs, waitUs - lagUs);
      second.generatorsWaitUs = Math.max(second.generatorsWaitUs, lagUs);
      // What the system does not answer in time is cut off.
      busy.set(channel, { ticket, untilUs: Math.min(nowUs + serviceMs * 1000, ticket.deadlineUs) });
    },
    unsent: (ticket, isOwnDoing) => {
      of(ticket)[isOwnDoing ? "unsentByGenerator" : "unsentBySystem"]++;
    },
  };
  const users = {
    begin: () => ({ sequence: { steps: [{}] }, step: 0 }),
    skip: () => {},
  } as unknown as VirtualUsers;
  const arrivals = new Arrivals({ startValue: ratePerS, stages: [] }, "even", seededRandom(1));
  const model = new OpenModel(
    arrivals,
    { thread: 0, threads: 1 },
    users,
    poolOf(channels),
    dispatcher,
    timeoutMs,
  );
  model.start(0);
  for (; nowUs < 11.9e6; nowUs += 500) {
    if (nowUs === standstill.fromMs * 1000) nowUs += standstill.ms * 1000;
    for (const [channel, { ticket, untilUs }] of [...busy]) {
      if (untilUs > nowUs) continue;
      busy.delete(channel);
      model.ended(ticket, channel, "bad", nowUs, nowUs);
    }
    model.pump(nowUs, true);
  }
  return seconds;
}

test("a standstill of the generator explains an outage no longer than its own queue lasts", () => {
  const seconds = simulate(
    { ratePerS: 100, slots: 5, serviceMs: Number.POSITIVE_INFINITY },
    { fromMs: 3000, ms: 500 },
  );
  const before = seconds.slice(1, 2);
  // It was over at 3.5 s; then a queue as long as the timeout, and one more until that is known to have been in vain.
  const after = seconds.slice(6, 10);
  for (const second of [...before, ...after]) {
    expect(second.unsentBySystem).toBeGreaterThan(30);
    expect(second.unsentByGenerator).toBe(0);
    expect(second.generatorsWaitUs).toBeLessThan(1000);
  }
  expect(seconds[3]!.unsentByGenerator).toBeGreaterThan(0);
});

test("while a system works off what a standstill has left behind, the wait is the generator's", () => {
  // 10 connections that take 100 ms each do 100 requests a second: the queue of 45 takes 9 s to go.
  const seconds = simulate({ ratePerS: 95, slots: 10, serviceMs: 100 }, { fromMs: 2000, ms: 500 });
  for (const second of seconds.slice(0, 11)) {
    expect(second.unsentBySystem + second.unsentByGenerator).toBe(0);
    // One service time is the system's own, as requests wait for the connection that is next.
    expect(second.systemsWaitUs).toBeLessThanOrEqual(100_000);
  }
  expect(seconds[5]!.generatorsWaitUs).toBeGreaterThan(200_000);
});
