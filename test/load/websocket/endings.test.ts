import { expect } from "vitest";
import type { LoadModel } from "../../../src/plan/load-plan.js";
import type { WebSocketRequest } from "../../../src/requests/websocket/websocket-request.js";
import { sleep } from "../../../src/support/clock.js";
import { onTestFinished, testAtOnce as test } from "../../helpers/at-once.js";
import { exchangeOf, expected, sent } from "../../helpers/exchanges.js";
import { closedModel, loadPlan, runLoad, runLoadUntil, totals } from "../../helpers/load-plans.js";
import { RawWebSocketServer, serverFrame, type WebSocketBehaviour } from "../../helpers/websocket-server.js";

/** Where one exchange ends, and what of it must not be taken for the next one's. */

async function serverThat(behaviour: WebSocketBehaviour) {
  const server = new RawWebSocketServer(() => behaviour);
  await server.up();
  onTestFinished(() => server.down());
  return server;
}

function planFor(
  { url }: RawWebSocketServer,
  model: LoadModel,
  changes: Partial<WebSocketRequest>,
  timeoutMs = 10_000,
) {
  return loadPlan(url, model, { mix: { kind: "requests", requests: [exchangeOf(changes)] }, timeoutMs });
}

const large = (bytes: number) => [sent("x".repeat(bytes))];
const CLOSE_1000 = serverFrame(8, Buffer.from([0x03, 0xe8]));

test("a message that nobody takes is no success, also on a kept connection", async () => {
  const server = await serverThat({ onOpen: ({ socket }) => socket.pause() });
  const changes = { keepsConnection: true, messages: large(200_000) };
  const { all, reasons } = await runLoad(planFor(server, closedModel(1), changes, 400), 1_000);
  const { ok, timeout, scheduled } = totals(all);
  expect(timeout).toBeGreaterThan(0);
  expect(ok + timeout).toBe(scheduled);
  // Systems take some megabytes for a program that does not read.
  expect(ok).toBeLessThan(100);
  expect(reasons).toEqual({ "not all messages were taken in time": timeout });
});

test("a large message is sent as a whole before its exchange is good, and its connection is closed", async () => {
  const server = await serverThat({
    onOpen: ({ socket }) => {
      socket.pause();
      setTimeout(() => socket.resume(), 1_200);
    },
  });
  const bytes = 12_000_000;
  const plan = planFor(server, closedModel(1), { messages: large(bytes) });
  const { all } = await runLoadUntil(plan, () => server.messages.length > 0);
  const { ok, scheduled } = totals(all);
  expect(ok).toBe(scheduled);
  await expect.poll(() => server.messages.length, { timeout: 10_000 }).toBe(ok);
  expect(server.messages.every(({ text }) => text.length === bytes)).toBe(true);
  const fastest = Math.min(...all.latencyMs.p50.flatMap((ms) => ms ?? []));
  expect(fastest).toBeGreaterThan(1_000);
});

for (const [what, behind] of [
  ["a Close", CLOSE_1000],
  ["a broken frame", Buffer.from([0xc1, 0x00])],
] as const)
  test(`${what} behind an answer is not charged to the next exchange`, async () => {
    const server = await serverThat({
      onMessage: ({ socket }, payload) => socket.write(Buffer.concat([serverFrame(1, payload), behind])),
    });
    const plan = planFor(server, closedModel(2), { keepsConnection: true });
    const { all, reasons, connectionsOpened } = await runLoadUntil(plan, () => server.messages.length > 20);
    expect(reasons).toEqual({});
    expect(totals(all).ok).toBe(totals(all).scheduled);
    expect(connectionsOpened).toBe(totals(all).scheduled);
  });

test("a Close behind an answer is not what the next exchange waits for", async () => {
  const server = await serverThat({
    onMessage: ({ socket }, payload) => {
      if (payload.toString() === "ask") socket.write(Buffer.concat([serverFrame(1, payload), CLOSE_1000]));
    },
  });
  const step = (name: string, messages: WebSocketRequest["messages"]) => ({
    ...exchangeOf({ name, keepsConnection: true, messages }),
    thinkTimeMs: 0,
  });
  const steps = [
    step("ask", [sent("ask"), expected({ text: "ask" })]),
    step("leave", [sent("leave"), expected({ close: 1000 })]),
  ];
  const plan = loadPlan(server.url, closedModel(1), {
    mix: { kind: "journeys", journeys: [{ name: "both", weight: 1, steps }] },
    // A busy machine answers the first exchange within it.
    timeoutMs: 2_000,
  });
  const { requests } = await runLoad(plan, 700);
  const [ask, leave] = requests.map(totals);
  expect(ask!.ok).toBe(ask!.scheduled);
  expect(leave!.scheduled).toBeGreaterThan(0);
  expect(leave!.timeout).toBe(leave!.scheduled);
});

test("a connection on which the last message was wrong is not kept: late answers satisfy nobody", async () => {
  let isFirst = true;
  const server = await serverThat({
    onMessage: (to, payload) => {
      if (isFirst) to.text("tick");
      isFirst = false;
      // On the first connection each answer comes behind a stray message, and so late by one.
      setTimeout(() => to.frame(1, payload), 5);
    },
  });
  const changes = { keepsConnection: true, messages: [sent("n ${seq}"), expected({ text: "n " })] };
  const { all, connectionsOpened } = await runLoadUntil(
    planFor(server, closedModel(1), changes),
    () => server.messages.length > 20,
  );
  expect(totals(all)).toMatchObject({ http_error: 1, ok: totals(all).scheduled - 1 });
  expect(connectionsOpened).toBe(2);
});

test("a Close after messages of the exchange is no end of an idle connection", async () => {
  const server = await serverThat({
    onMessage: ({ socket }, payload, nth) => {
      if (nth === 1) socket.write(serverFrame(1, payload));
      else socket.write(Buffer.concat([serverFrame(1, payload), serverFrame(8, Buffer.from([0x03, 0xf3]))]));
    },
  });
  // The second exchange of a connection gets one of its two messages.
  const once = exchangeOf({ name: "once", keepsConnection: true });
  const twice = exchangeOf({
    name: "twice",
    keepsConnection: true,
    messages: [sent("hello"), expected({}, { count: 2 })],
  });
  const steps = [
    { ...once, thinkTimeMs: 150 },
    { ...twice, thinkTimeMs: 0 },
  ];
  const plan = loadPlan(server.url, closedModel(1), {
    mix: { kind: "journeys", journeys: [{ name: "both", weight: 1, steps }] },
  });
  const { reasons, requests } = await runLoadUntil(plan, () => server.messages.length > 8);
  expect(reasons).toEqual({ "closed: 1011 internal error": totals(requests[1]!).scheduled });
});

test("connections that wait for their server's end are bounded", async () => {
  const server = await serverThat({ onMessage: (to, payload) => to.frame(1, payload), ignoresClose: true });
  const plan = planFor(server, closedModel(20), {});
  let most = 0;
  await runLoadUntil(plan, () => {
    most = Math.max(most, server.openSockets);
    return server.messages.length > 1_500;
  });
  // 256 of them, 20 that are used, and those whose end is on its way.
  expect(most).toBeLessThan(500);
  expect(server.closes.every(({ code }) => code === 1000)).toBe(true);
  for (let waitedMs = 0; server.openSockets > 0 && waitedMs < 3_000; waitedMs += 20) await sleep(20);
  expect(server.openSockets).toBe(0);
});
