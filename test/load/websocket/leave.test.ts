import { startLoad } from "../../../src/load/start-load.js";
import type { LoadModel } from "../../../src/plan/load-plan.js";
import type { WebSocketRequest } from "../../../src/requests/websocket/websocket-request.js";
import { sleep } from "../../../src/support/clock.js";
import { onTestFinished, testAtOnce as test } from "../../helpers/at-once.js";
import { exchangeOf, expected, sent } from "../../helpers/exchanges.js";
import { closedModel, loadPlan, openModel } from "../../helpers/load-plans.js";
import { RawWebSocketServer, serverFrame, type WebSocketBehaviour } from "../../helpers/websocket-server.js";

/** How connections end when the load is over. */

const ECHO: WebSocketBehaviour = { onMessage: (to, payload) => to.frame(1, payload) };

async function serverThat(behaviour: WebSocketBehaviour) {
  const server = new RawWebSocketServer(() => behaviour);
  await server.up();
  onTestFinished(() => server.down());
  return server;
}

async function runAgainst(
  server: RawWebSocketServer,
  model: LoadModel,
  changes: Partial<WebSocketRequest>,
  { drains = true, enough = 40, workers = 2 } = {},
) {
  const plan = loadPlan(server.url, model, {
    mix: { kind: "requests", requests: [exchangeOf(changes)] },
    workers,
  });
  const session = await startLoad({ plan });
  try {
    await session.begin({ id: "all", limits: [] });
    for (let waitedMs = 0; server.messages.length < enough && waitedMs < 30_000; waitedMs += 20)
      await sleep(20);
    if (drains) {
      await session.end();
      await session.drain("all");
    }
    const openBefore = server.openSockets;
    const beganMs = performance.now();
    await session.stop();
    return { openBefore, tookMs: performance.now() - beganMs };
  } finally {
    await session.stop();
  }
}

for (const [what, model] of [
  ["open", openModel(200, 40)],
  ["closed", closedModel(8, 10)],
] as const)
  test(`each kept connection gets a Close frame with 1000, and its server's end is awaited: ${what} model`, async ({
    expect,
  }) => {
    const server = await serverThat(ECHO);
    const { openBefore } = await runAgainst(server, model, { keepsConnection: true });
    if (model.kind === "open") expect(openBefore).toBeGreaterThan(0);
    await expect.poll(() => server.openSockets, { timeout: 5_000 }).toBe(0);
    expect(server.closes).toHaveLength(server.connections);
    expect(server.closes.every(({ code }) => code === 1000)).toBe(true);
    expect(server.violations).toEqual([]);
  });

test("more kept connections than may linger during the load get theirs as well", async ({ expect }) => {
  // Answers come so late that each exchange needs a connection of its own.
  const server = await serverThat({
    onMessage: (to, payload) => setTimeout(() => to.frame(1, payload), 1_000),
    closesAfterMs: 200,
  });
  const kept = { keepsConnection: true };
  const { openBefore } = await runAgainst(server, openModel(400, 600), kept, { enough: 450, workers: 1 });
  expect(openBefore).toBeGreaterThan(300);
  await expect.poll(() => server.openSockets, { timeout: 5_000 }).toBe(0);
  expect(server.leftEarly).toBe(0);
  expect(server.closes).toHaveLength(server.connections);
  expect(server.closes.every(({ code }) => code === 1000)).toBe(true);
});

test("a server that answers no Close frame holds nobody up for long", async ({ expect }) => {
  const server = await serverThat({ ...ECHO, ignoresClose: true });
  const { tookMs } = await runAgainst(server, openModel(200, 40), { keepsConnection: true });
  expect(server.closes.length).toBeGreaterThan(0);
  // 1 s, and a busy machine.
  expect(tookMs).toBeGreaterThan(700);
  expect(tookMs).toBeLessThan(5_000);
  await expect.poll(() => server.openSockets, { timeout: 5_000 }).toBe(0);
});

test("one that goes on to send whatever it is told holds nobody up either", async ({ expect }) => {
  const flood = serverFrame(1, Buffer.alloc(1_000, "x"));
  const server = await serverThat({
    onMessage: (to, payload) => {
      to.frame(1, payload);
      const timer = setInterval(() => to.socket.writable && to.socket.write(flood), 2);
      to.socket.on("close", () => clearInterval(timer));
    },
    ignoresClose: true,
  });
  const { tookMs } = await runAgainst(server, openModel(100, 20), { keepsConnection: true });
  expect(tookMs).toBeLessThan(5_000);
  await expect.poll(() => server.openSockets, { timeout: 5_000 }).toBe(0);
});

test("exchanges that go on when the load is stopped are told that it goes away: 1001", async ({ expect }) => {
  const server = await serverThat({});
  const messages = [sent("hello"), expected({ text: "never" })];
  await runAgainst(server, openModel(100, 100), { messages }, { drains: false });
  await expect.poll(() => server.openSockets, { timeout: 5_000 }).toBe(0);
  const codes = new Set(server.closes.map(({ code }) => code));
  expect(codes).toEqual(new Set([1001]));
});
