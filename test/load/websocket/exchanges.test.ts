import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { startLoad } from "../../../src/load/start-load.js";
import { checkAndPlan } from "../../../src/plan/check-and-plan.js";
import type { LoadModel, LoadPlan } from "../../../src/plan/load-plan.js";
import type { WebSocketRequest } from "../../../src/requests/websocket/websocket-request.js";
import { exchangeOf, expected, sent } from "../../helpers/exchanges.js";
import { expectKilledAndBack } from "../../helpers/killed-and-back.js";
import { everyConnectionIsKnown } from "../../helpers/known-connections.js";
import {
  closedModel,
  feedOf,
  loadPlan,
  openModel,
  runLoad,
  runLoadUntil,
  totals,
} from "../../helpers/load-plans.js";
import { folderWith } from "../../helpers/scenario-files.js";
import {
  RawWebSocketServer,
  SWITCHING,
  serverFrame,
  type WebSocketBehaviour,
} from "../../helpers/websocket-server.js";

const ECHO: WebSocketBehaviour = {
  onMessage: (to, payload, _, isBinary) => to.frame(isBinary ? 2 : 1, payload),
};

async function serverThat(
  behaviour: WebSocketBehaviour = ECHO,
  tls: ConstructorParameters<typeof RawWebSocketServer>[1] = null,
) {
  const server = new RawWebSocketServer(() => behaviour, tls);
  await server.up();
  onTestFinished(() => server.down());
  return server;
}

function planFor(
  server: Pick<RawWebSocketServer, "url">,
  model: LoadModel,
  changes: Partial<WebSocketRequest> = {},
  more: Partial<LoadPlan> = {},
): LoadPlan {
  return loadPlan(server.url, model, { mix: { kind: "requests", requests: [exchangeOf(changes)] }, ...more });
}

const MODELS: readonly (readonly [string, LoadModel])[] = [
  ["open model", openModel(200, 40)],
  ["closed model", closedModel(6, 10)],
];

describe.each(MODELS)("%s", (_, model) => {
  test.each([
    ["new", false, 1],
    ["kept", true, 2],
  ])(
    "connections that are %s: the server counts what is counted",
    async (_kind, keepsConnection, workers) => {
      const server = await serverThat();
      const plan = planFor(server, model, { keepsConnection }, { workers });
      const measured = await runLoadUntil(plan, () => server.messages.length > 40);
      const counts = totals(measured.all);
      expect(counts.ok).toBe(counts.scheduled);
      expect(server.messages).toHaveLength(counts.ok);
      expect(server.violations).toEqual([]);
      await everyConnectionIsKnown(server, measured);
      if (keepsConnection) expect(server.connections).toBeLessThan(counts.scheduled);
      else expect(server.connections).toBe(counts.scheduled);
      // Each is told of its end.
      await expect.poll(() => server.closes.length, { timeout: 5_000 }).toBe(server.connections);
      expect(server.closes.every(({ code }) => code === 1000)).toBe(true);
      await expect.poll(() => server.openSockets, { timeout: 3_000 }).toBe(0);
      // What was sent after the end, such as Close frames, is in no segment.
      expect(measured.bytesSent).toBeLessThanOrEqual(server.bytes);
      expect(measured.bytesSent).toBeGreaterThan(server.bytes / 2);
    },
  );

  test("a server that is killed and comes back: resets, refusals, and answers again", async () => {
    const server = await serverThat();
    const session = await startLoad({ plan: planFor(server, model, { keepsConnection: true }) });
    const lasts = { beforeMs: 400, downMs: 400, afterMs: 600 };
    await expectKilledAndBack(session, server, () => server.messages.length, lasts);
  });
});

test("a freeze of 1 s shows in the open model, also on kept connections", async () => {
  // From the first message on: a busy machine takes its time to start the load.
  let freezes: { readonly fromMs: number; readonly untilMs: number } | null = null;
  const server = await serverThat({
    onMessage: (to, payload) => {
      const nowMs = performance.now();
      freezes ??= { fromMs: nowMs + 800, untilMs: nowMs + 1_800 };
      const isFrozen = nowMs >= freezes.fromMs && nowMs < freezes.untilMs;
      setTimeout(() => to.frame(1, payload), isFrozen ? freezes.untilMs - nowMs : 0);
    },
  });
  const plan = planFor(server, openModel(100, 200), { keepsConnection: true });
  const { all } = await runLoad(plan, 2_500);
  expect(totals(all).ok).toBe(totals(all).scheduled);
  // 100 of 250 were due in that second, evenly. Seconds of due time may begin at any point of it.
  const slowest = all.latencyMs.p50.filter((ms) => ms !== null);
  expect(Math.max(...slowest)).toBeGreaterThan(200);
  // A busy machine adds to it.
  expect(Math.max(...slowest)).toBeLessThan(1_500);
});

test("messages of all forms, values, captures, headers and a subprotocol", async () => {
  const heads: string[] = [];
  const server = await serverThat({
    subprotocol: "v2",
    onOpen: ({ head, text }) => {
      heads.push(head);
      text('{"op":"hello","id":"s-1"}');
    },
    onMessage: (to, payload, nth, isBinary) => {
      if (isBinary) return to.frame(2, payload);
      to.text("tick");
      to.text(JSON.stringify({ nth, got: payload.toString() }));
    },
  });
  const messages: WebSocketRequest["messages"] = [
    expected(
      { json: { "$.op": "hello" } },
      { capture: [{ name: "sid", from: { kind: "json", path: "$.id" } }] },
    ),
    {
      kind: "send",
      template: '{"session":"${capture.sid}","n":${seq},"quote":"${data.d.text}"}',
      form: "json",
    },
    expected({ json: { "$.nth": 1 } }, { passesOver: true }),
    { kind: "send", template: "AAEC/w==", form: "base64" },
    expected({ binary: true }),
    sent("plain ${uuid}"),
    expected({ text: "tick" }),
    expected({ text: { regex: "plain [0-9a-f-]{36}" } }),
  ];
  const changes = {
    messages,
    path: "/feed?q=${data.d.text}",
    headers: { "x-of": "${seq}" },
    subprotocols: ["v1", "v2"],
  };
  const more = { feeds: [feedOf("d", "round-robin", [{ text: 'a "b" ä' }])] };
  const measured = await runLoad(planFor(server, closedModel(3, 20), changes, more), 300);
  const counts = totals(measured.all);
  expect(measured.reasons).toEqual({});
  expect(counts.ok).toBe(counts.scheduled);
  const texts = server.messages.map(({ text }) => text);
  const numbers = texts.flatMap((text) => (text.startsWith("{") ? [JSON.parse(text)] : []));
  expect(numbers[0]).toEqual({ session: "s-1", n: expect.any(Number), quote: 'a "b" ä' });
  expect(new Set(numbers.map(({ n }) => n)).size).toBe(counts.ok);
  expect(texts.filter((text) => text.startsWith("plain ")).length).toBe(counts.ok);
  expect(heads[0]).toMatch(/^GET \/feed\?q=a%20%22b%22%20%C3%A4 HTTP\/1\.1\r\nHost: 127\.0\.0\.1:\d+\r\n/);
  expect(heads[0]).toMatch(/\r\nSec-WebSocket-Protocol: v1, v2(\r\n|$)/);
  expect(new Set(heads.map((head) => /x-of: (\d+)/.exec(head)?.[1])).size).toBe(counts.ok);
});

test("steps of a journey use one connection in the closed model, and what was captured before", async () => {
  const server = await serverThat({
    onMessage: (to, payload, nth) =>
      to.text(JSON.stringify({ nth, token: "t0ken", got: payload.toString() })),
  });
  const login = exchangeOf({
    name: "login",
    keepsConnection: true,
    messages: [
      sent("ann"),
      expected({}, { capture: [{ name: "token", from: { kind: "json", path: "$.token" } }] }),
    ],
  });
  const order = exchangeOf({
    name: "order",
    keepsConnection: true,
    messages: [sent("order by ${capture.token}"), expected({ json: { "$.got": "order by t0ken" } })],
  });
  const steps = [login, order].map((step) => ({ ...step, thinkTimeMs: 0 }));
  const plan = loadPlan(server.url, closedModel(2, 20), {
    mix: { kind: "journeys", journeys: [{ name: "buy", weight: 1, steps }] },
  });
  const { all, reasons } = await runLoad(plan, 300);
  expect(reasons).toEqual({});
  expect(totals(all).ok).toBe(totals(all).scheduled);
  expect(server.connections).toBe(2);
});

test("reports have an example of a page that refuses, and of a message that was not expected", async () => {
  const server = new RawWebSocketServer((path) =>
    path === "/closed"
      ? { onHandshake: (socket) => socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 7\r\n\r\nno bots") }
      : { onMessage: (to) => to.text("out of stock") },
  );
  await server.up();
  onTestFinished(() => server.down());
  const requests = [
    exchangeOf({ name: "closed", path: "/closed" }),
    exchangeOf({ name: "empty", path: "/empty" }),
  ];
  const plan = loadPlan(server.url, closedModel(2, 20), { mix: { kind: "requests", requests } });
  const { samples } = await runLoadUntil(
    plan,
    () => server.messages.length > 3 && server.handshakes.length > 8,
  );
  expect(samples).toContainEqual({
    request: "closed",
    reason: "status 403 to the WebSocket handshake",
    status: 403,
    body: "no bots",
  });
  expect(samples).toContainEqual(
    expect.objectContaining({ request: "empty", status: 101, body: "out of stock" }),
  );
});

test("what comes behind an answer is not taken for the next one", async () => {
  const server = await serverThat({
    onMessage: ({ socket }, payload) => {
      const [first, second] = [serverFrame(1, payload), serverFrame(1, Buffer.from("tick"), 0x01)];
      socket.write(Buffer.concat([first, serverFrame(1, Buffer.from("tick")), second.subarray(0, 3)]));
      setImmediate(() => socket.write(Buffer.concat([second.subarray(3), serverFrame(0, Buffer.from("!"))])));
    },
  });
  const changes = { keepsConnection: true, messages: [sent("n ${seq}"), expected({ text: "n " })] };
  const plan = planFor(server, closedModel(2), changes);
  const { all, reasons } = await runLoadUntil(plan, () => server.messages.length > 20);
  expect(reasons).toEqual({});
  expect(totals(all).ok).toBe(totals(all).scheduled);
  expect(server.connections).toBe(2);
});

test("an exchange that waits for nothing is over when its messages are sent", async () => {
  const server = await serverThat();
  const changes = { keepsConnection: true, messages: [sent("n ${seq}")] };
  const plan = planFor(server, closedModel(2, 1), changes);
  const { all } = await runLoadUntil(plan, () => server.messages.length > 20);
  expect(totals(all).ok).toBe(totals(all).scheduled);
  await expect.poll(() => server.messages.length).toBe(totals(all).ok);
  expect(new Set(server.messages.map(({ text }) => text)).size).toBe(totals(all).ok);
});

test("over TLS its certificate is verified", async () => {
  const fixture = (name: string) =>
    readFileSync(fileURLToPath(new URL(`../../fixtures/tls/${name}`, import.meta.url)), "utf8");
  const server = await serverThat(ECHO, { key: fixture("server.key"), cert: fixture("server.pem") });
  const tls = (ca: string | null) => ({ ca, cert: null, key: null, servername: null, verify: true });
  const target = (ca: string | null) => ({ target: { url: server.url, socketPath: null, tls: tls(ca) } });
  const trusted = await runLoad(planFor(server, closedModel(2, 20), {}, target(fixture("ca.pem"))), 200);
  expect(totals(trusted.all).ok).toBe(totals(trusted.all).scheduled);
  const doubted = await runLoad(planFor(server, closedModel(2, 20), {}, target(null)), 200);
  expect(totals(doubted.all).refused).toBe(totals(doubted.all).scheduled);
  expect(Object.keys(doubted.reasons)).toEqual(["TLS: certificate of an unknown authority"]);
});

test("a target of http:// gets exchanges beside requests, and a login before them", async () => {
  const asked: string[] = [];
  const seen: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    response.end('{"token":"t0ken"}');
  });
  server.on("upgrade", (request, socket) => {
    seen.push(`${request.url} ${request.headers.authorization}`);
    const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    socket.write(
      `${SWITCHING}Sec-WebSocket-Accept: ${createHash("sha1").update(key).digest("base64")}\r\n\r\n`,
    );
    socket.write(serverFrame(1, Buffer.from("welcome")));
    socket.on("error", () => {});
    socket.on("data", () => socket.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const text = `faultline: 1
name: Page
load:
  target: ${url}/app
  connections: 3
  thinkTime: 20ms
  login: { name: login, method: POST, path: /login, capture: { token: { json: $.token } } }
  journeys:
    - name: visit
      steps:
        - { name: page, path: /page, headers: { authorization: "Bearer \${capture.token}" } }
        - name: feed
          websocket:
            path: /feed
            headers: { authorization: "Bearer \${capture.token}" }
            messages: [{ expect: { text: welcome } }]
slos: [availability >= 99%]
`;
  const cwd = folderWith({ "scenario.yaml": text });
  const { plan, diagnostics } = await checkAndPlan("scenario.yaml", { env: {}, cwd });
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  const measured = await runLoadUntil(plan!.load, () => seen.length > 5);
  expect(measured.reasons).toEqual({});
  const [login, page, feed] = measured.requests.map(totals);
  expect(feed!.ok).toBe(feed!.scheduled);
  expect(page!.ok).toBe(page!.scheduled);
  expect(new Set(seen)).toEqual(new Set(["/app/feed Bearer t0ken"]));
  expect(seen).toHaveLength(feed!.ok);
  expect(asked.filter((line) => line.startsWith("GET /app/page Bearer t0ken"))).toHaveLength(page!.ok);
  expect(asked.filter((line) => line.startsWith("POST /app/login"))).toHaveLength(login!.ok);
});
