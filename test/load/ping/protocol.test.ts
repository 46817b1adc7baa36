import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { PROTOCOLS } from "../../../src/load/protocols.js";
import type { StartLoad } from "../../../src/load/session.js";
import { loadOver } from "../../../src/load/start-load.js";
import type { LoadModel, LoadPlan } from "../../../src/plan/load-plan.js";
import { buildThread } from "../../helpers/built-thread.js";
import { expectKilledAndBack, expectOneOutcomeEach } from "../../helpers/killed-and-back.js";
import { everyConnectionIsKnown } from "../../helpers/known-connections.js";
import { closedModel, loadPlan, openModel, runLoad, sum, totals } from "../../helpers/load-plans.js";
import type { PingRequest } from "../../requests/ping/kind.js";
import { ping } from "./protocol.js";
import { type Answerer, PingServer } from "./server.js";

/** A second protocol, in a load thread that has one more line in its table. */
let startLoad: StartLoad;
const folder = mkdtempSync(join(tmpdir(), "faultline-ping-"));
const servers: PingServer[] = [];

beforeAll(async () => {
  const thread = await buildThread(new URL("./thread.ts", import.meta.url), folder);
  startLoad = loadOver([...PROTOCOLS, ping], thread);
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  for (const server of servers.splice(0)) await server.down();
});

async function serverThat(answer: Answerer): Promise<PingServer> {
  const server = new PingServer(answer);
  servers.push(server);
  await server.up();
  return server;
}

const answering = () => serverThat((text) => `pong ${text}`);

const pingOf = (name: string, text = name) => ({ name, kind: "ping", text }) satisfies PingRequest;

function planFor(
  { url }: Pick<PingServer, "url">,
  model: LoadModel,
  changes: Partial<LoadPlan> = {},
): LoadPlan {
  const requests = [
    { ...pingOf("numbered", "n${seq}"), weight: 3 },
    { ...pingOf("plain"), weight: 1 },
  ];
  return loadPlan(url, model, { mix: { kind: "requests", requests }, ...changes });
}

const run = (plan: LoadPlan, durationMs: number) => runLoad(plan, durationMs, startLoad);

const MODELS: readonly (readonly [string, LoadModel])[] = [
  ["open model", openModel(300, 20)],
  ["closed model", closedModel(8, 5)],
];

describe.each(MODELS)("%s", (_, model) => {
  test.each([
    [1, 1],
    [2, 4],
  ])(
    "with %d threads and %d pings at once, the server counts what is counted",
    async (workers, pipelining) => {
      const server = await answering();
      const measured = await run(planFor(server, model, { workers, pipelining }), 1_000);
      const counts = totals(measured.all);
      expect(counts.scheduled).toBeGreaterThan(50);
      expect(counts.ok).toBe(counts.scheduled);
      expect(server.texts).toHaveLength(counts.ok);
      await everyConnectionIsKnown(server, measured);
      const [numbered, plain] = measured.requests;
      expect(server.texts.filter((text) => text === "plain")).toHaveLength(sum(plain!.outcomes.ok));
      // Each number is drawn once, whichever thread sends it.
      expect(new Set(server.texts).size - 1).toBe(sum(numbered!.outcomes.ok));
      expect(measured.bytesSent).toBe(server.bytes);
    },
  );

  test("a server that is killed and comes back: resets, refusals, and answers again", async () => {
    const server = await answering();
    const session = await startLoad({ plan: planFor(server, model) });
    const lasts = { beforeMs: 600, downMs: 600, afterMs: 1_000 };
    await expectKilledAndBack(session, server, () => server.texts.length, lasts);
  });

  test("a line that is not answered in time is a timeout", async () => {
    const server = await serverThat(() => null);
    const measured = await run(planFor(server, model, { timeoutMs: 300 }), 600);
    expectOneOutcomeEach(measured);
    const { timeout, unsent, scheduled } = totals(measured.all);
    expect(timeout).toBeGreaterThan(0);
    // In the open model some find no connection.
    expect(timeout + unsent).toBe(scheduled);
    expect(server.texts).toHaveLength(timeout);
  });

  test("a connection that the server resets is a reset for each ping on it", async () => {
    const server = await serverThat((_, socket) => {
      socket.resetAndDestroy();
      return null;
    });
    const measured = await run(planFor(server, model), 500);
    expectOneOutcomeEach(measured);
    const { reset, scheduled } = totals(measured.all);
    expect(reset).toBe(scheduled);
    expect(server.texts).toHaveLength(reset);
  });
});

test("where answers need no order, a ping that is never answered costs only itself", async () => {
  const server = await serverThat((text) => (text === "lost" ? null : `pong ${text}`));
  const requests = ["lost", "found"].map((name) => ({ ...pingOf(name), weight: 1 }));
  const changes = { timeoutMs: 2_000, pipelining: 200, mix: { kind: "requests", requests } } as const;
  const measured = await run(planFor(server, openModel(100, 1), changes), 1_000);
  const [lost, found] = measured.requests;
  expect(totals(lost!).timeout).toBe(totals(lost!).scheduled);
  expect(totals(found!).ok).toBe(totals(found!).scheduled);
  expect(totals(found!).ok).toBeGreaterThan(10);
  // Where each ended its connection, there would be dozens. A machine that stands still for a while may end one.
  expect(server.connections).toBeLessThan(10);
  expect(server.texts).toHaveLength(totals(measured.all).scheduled);
});

test("a bad answer is one with a reason and an example, and ends a journey", async () => {
  const server = await serverThat((text) => (text === "login" ? `pong ${text}` : "too much to do"));
  const steps = ["login", "order", "pay"].map((name) => ({ ...pingOf(name), thinkTimeMs: 1 }));
  const journeys = [{ name: "buy", weight: 1, steps }];
  const plan = planFor(server, closedModel(4), { mix: { kind: "journeys", journeys } });
  const measured = await run(plan, 500);
  const [login, order, pay] = measured.requests;
  expect(totals(login!).ok).toBe(totals(login!).scheduled);
  expect(totals(order!).http_error).toBe(totals(order!).scheduled);
  expect(pay).toBeUndefined();
  expect(server.texts).toHaveLength(totals(measured.all).scheduled);
  const reason = 'answer "too much to do"';
  expect(measured.reasons).toEqual({ [reason]: totals(order!).scheduled });
  expect(measured.samples).toEqual([{ request: "order", reason, status: 1, body: "too much to do" }]);
});

test("what a ping has brought is sent by the next one of its journey", async () => {
  const server = await serverThat((text) => `pong token-of-${text}`);
  const steps = [
    { ...pingOf("login"), capture: ["token"], thinkTimeMs: 0 },
    { ...pingOf("order", "order-by-${capture.token}"), thinkTimeMs: 0 },
  ];
  const journeys = [{ name: "buy", weight: 1, steps }];
  const plan = planFor(server, closedModel(2, 5), { mix: { kind: "journeys", journeys } });
  const { requests } = await run(plan, 500);
  const [login, order] = requests;
  expect(totals(order!).ok).toBeGreaterThan(0);
  expect(totals(order!).ok).toBe(totals(order!).scheduled);
  expect(new Set(server.texts)).toEqual(new Set(["login", "order-by-token-of-login"]));
  expect(server.texts).toHaveLength(totals(login!).scheduled + totals(order!).scheduled);
});

test("what no line of the table is for is refused, and a protocol's own check is asked", async () => {
  const start = (url: string) => startLoad({ plan: loadPlan(url, openModel(1)) });
  await expect(start("moon://127.0.0.1:1")).rejects.toMatchObject({
    code: "UNSUPPORTED_PROTOCOL",
    message: expect.stringContaining("is none of http://, https://, ws://, wss://, ping://"),
  });
  const pings = (url: string) => startLoad({ plan: planFor({ url }, openModel(1)) });
  // Its default is a request of HTTP.
  await expect(start("ping://127.0.0.1:1")).rejects.toMatchObject({
    code: "UNSUPPORTED_PROTOCOL",
    message: expect.stringContaining("no protocol sends requests of http to"),
  });
  await expect(pings("ping://nowhere.invalid:1")).rejects.toMatchObject({ code: "TARGET_UNREACHABLE" });
});

test("trace ids are refused where a protocol does not carry them", async () => {
  const tracing = { sampling: 1, traceLink: null, runKey: "0".repeat(32) };
  const plan = planFor(await answering(), openModel(10), { tracing });
  await expect(run(plan, 100)).rejects.toMatchObject({
    code: "UNSUPPORTED_PROTOCOL",
    message: expect.stringContaining("carry no trace ids"),
  });
});
