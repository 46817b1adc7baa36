import { expect, test } from "vitest";
import { Arrivals } from "../../src/load/thread/arrivals.js";
import type { Connection } from "../../src/load/thread/connection.js";
import { ConnectionPool } from "../../src/load/thread/connection-pool.js";
import type { Dispatcher } from "../../src/load/thread/model-driver.js";
import { OpenModel } from "../../src/load/thread/open-model.js";
import type { Ticket } from "../../src/load/thread/ticket.js";
import type { Visits } from "../../src/load/thread/visits.js";
import { seededRandom } from "../../src/support/random.js";

const TIMEOUT_MS = 300;

interface Dispatched {
  readonly dueUs: number;
  readonly deadlineUs: number;
  readonly lagUs: number;
}

/** 1,000 requests a second on connections that were never opened; the test is the clock. */
function startModel(connections: number) {
  const sent: Dispatched[] = [];
  const unsent: { readonly dueUs: number; readonly isOwnDoing: boolean }[] = [];
  const free: Connection[] = [];
  const dispatcher: Dispatcher = {
    turnStartUs: 0,
    // Of tickets, visits and connections the model uses just this much.
    schedule: (dueUs) => ({ dueUs, deadlineUs: dueUs + TIMEOUT_MS * 1000 }) as Ticket,
    send: ({ dueUs, deadlineUs }, connection, lagUs) => {
      sent.push({ dueUs, deadlineUs, lagUs });
      free.push(connection);
    },
    unsent: ({ dueUs }, isOwnDoing) => unsent.push({ dueUs, isOwnDoing }),
  };
  const pool = new ConnectionPool(connections);
  for (let index = 0; index < connections; index++) {
    const connection = { index, isOpen: false, isIdle: true, hasRoom: false };
    pool.giveBack(connection as Connection);
  }
  const arrivals = new Arrivals({ startValue: 1000, stages: [] }, "even", seededRandom(1));
  const visits = { begin: () => ({}), skip: () => {} } as unknown as Visits;
  const model = new OpenModel(arrivals, { thread: 0, threads: 1 }, visits, pool, dispatcher, TIMEOUT_MS);
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
