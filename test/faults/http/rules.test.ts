import { Agent, createServer, type IncomingMessage, type RequestOptions, request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { chosenBy } from "../../../src/faults/between/rules/chosen.js";
import { openGateway } from "../../../src/faults/http/gateway/gateway.js";
import type { HttpRule } from "../../../src/faults/http-rule.js";
import { seededStream } from "../../../src/support/random.js";
import { GatewayLine } from "../../helpers/gateway-line.js";
import type { Handler, Peer } from "../../helpers/proxy-line.js";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0).reverse()) end();
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly raw: readonly string[];
  readonly body: string;
  readonly isWhole: boolean;
  readonly tookMs: number;
}

/** A service that says what it was asked, behind a gateway with rules. */
async function service(rules: readonly HttpRule[], { connections = 10, seed = 1 } = {}) {
  const seen: string[] = [];
  const server = createServer((incoming, response) => {
    let body = "";
    incoming.on("data", (part) => {
      body += part;
    });
    incoming.on("end", () => {
      seen.push(`${incoming.method} ${incoming.url} ${body}`.trim());
      const text = `you said ${incoming.method} ${incoming.url} ${body}`.padEnd(100, ".");
      if (incoming.url === "/chunked") {
        response.write(text.slice(0, 30));
        response.end(text.slice(30));
      } else if (incoming.url === "/none") response.writeHead(204).end();
      else response.writeHead(200, { "content-length": text.length, etag: "x" }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const gateway = await openGateway({
    listen: { host: "127.0.0.1", port: 0 },
    upstream: { address: { host: "127.0.0.1", port }, tls: null, alpn: null },
    seed,
  });
  gateway.setRules(rules);
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  ends.push(() => {
    agent.destroy();
    gateway.close();
    server.close();
  });
  const ask = (path = "/", options: RequestOptions = {}, body = "") =>
    new Promise<Answer>((resolve, reject) => {
      const askedMs = performance.now();
      const asked = request(`http://${gateway.address}${path}`, { agent, ...options }, (incoming) => {
        let text = "";
        const done = (isWhole: boolean) =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            raw: incoming.rawHeaders,
            body: text,
            isWhole,
            tookMs: performance.now() - askedMs,
          });
        incoming.on("data", (part) => {
          text += part;
        });
        incoming.on("end", () => done(true));
        incoming.on("error", () => done(false));
      });
      asked.on("error", reject);
      asked.end(body);
    });
  const statuses = async (count: number, path = "/") => {
    const answers = await Promise.all(Array.from({ length: count }, () => ask(path)));
    return answers.map(({ status }) => status);
  };
  return { gateway, server, seen, ask, statuses };
}

const only = (status: number, all: readonly number[]) => all.filter((each) => each === status).length;

test("an answer in place of the upstream's has the status, headers and body of the rule, and nothing else", async () => {
  const { ask, seen, gateway } = await service([
    { status: 503, headers: { "Retry-After": "1", "X-Why": "no" }, body: "sörry" },
  ]);
  const answer = await ask("/a", { method: "POST" }, "a body");
  expect(answer).toMatchObject({ status: 503, body: "sörry", isWhole: true });
  expect(answer.raw).toEqual(["Retry-After", "1", "X-Why", "no", "content-length", "6"]);
  expect(seen).toEqual([]);
  const { routes, exchanges } = gateway.takeTraffic();
  expect(routes).toEqual([{ route: "POST /a", requests: 1, actedOn: 1, statuses: { "503": 1 } }]);
  expect(exchanges).toMatchObject({ status: [503], end: [0], flags: [2 + 4], connection: [1] });
});

test("such an answer to HEAD, and one without a body, end where the client expects it", async () => {
  const { ask, gateway } = await service([{ method: "HEAD", status: 500, body: "12345" }], {
    connections: 1,
  });
  expect(await ask("/", { method: "HEAD" })).toMatchObject({
    status: 500,
    headers: { "content-length": "5" },
  });
  gateway.setRules([{ status: 204 }]);
  expect(await ask()).toMatchObject({ status: 204, raw: [] });
  gateway.setRules([]);
  // The connection is the same, and in step.
  expect(await ask()).toMatchObject({ status: 200 });
  expect(gateway.takeTraffic().seconds.opened.reduce((a, b) => a + b)).toBe(1);
});

test("first: 3 acts on exactly three, with fifty connections at once", async () => {
  const { statuses, seen } = await service([{ status: 500, first: 3 }], { connections: 50 });
  const all = await statuses(200);
  expect([only(500, all), only(200, all), seen.length]).toEqual([3, 197, 197]);
});

test("every: 4 acts on each fourth", async () => {
  const { statuses } = await service([{ status: 500, every: 4 }], { connections: 1 });
  expect(await statuses(8)).toEqual([200, 200, 200, 500, 200, 200, 200, 500]);
});

test("share: 30% of 10,000 acts on 30 % of them", async () => {
  const { statuses } = await service([{ status: 500, share: 0.3 }], { connections: 20 });
  expect(Math.abs(only(500, await statuses(10_000)) - 3_000)).toBeLessThan(150);
}, 60_000);

test("a share chooses the same requests with the same seed", () => {
  const drawn = (seed: number) => {
    const chosen = chosenBy({ share: 0.3 }, seededStream(seed));
    return Array.from({ length: 100 }, () => chosen(0));
  };
  expect(drawn(7)).toEqual(drawn(7));
  expect(drawn(8)).not.toEqual(drawn(7));
});

test("above: with a clock that goes by tenths of a second, exactly so many pass in each", () => {
  const chosen = chosenBy({ abovePerS: 50 }, seededStream(1));
  const passed: number[] = [];
  for (let ms = 0; ms < 10_000; ms += 2) if (!chosen(ms)) passed.push(ms);
  expect(passed).toHaveLength(500);
  for (let at = 0; at + 50 < passed.length; at++)
    expect(passed[at + 50]! - passed[at]!).toBeGreaterThanOrEqual(1000);
  const rarely = chosenBy({ abovePerS: 0.5 }, seededStream(1));
  expect([0, 500, 1_999, 2_000, 2_001].map((ms) => rarely(ms))).toEqual([false, true, true, false, true]);
});

test("above: lets so many through in any second", async () => {
  const { ask } = await service([{ status: 429, abovePerS: 50 }], { connections: 8 });
  const passedMs: number[] = [];
  const endMs = performance.now() + 3_200;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (performance.now() < endMs) {
        const { status } = await ask();
        if (status === 200) passedMs.push(performance.now());
        else await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }),
  );
  // 50 at once, and 50 more after each second.
  expect(passedMs.length).toBeGreaterThanOrEqual(150);
  expect(passedMs.length).toBeLessThanOrEqual(201);
}, 20_000);

test.each([
  [{ method: "POST" }, ["POST /charges", "POST /charges/7?dry=yes"]],
  [{ path: "/charges*" }, ["GET /charges", "POST /charges", "POST /charges/7?dry=yes"]],
  [{ path: "/charges" }, ["GET /charges", "POST /charges"]],
  [{ path: "*/7" }, ["POST /charges/7?dry=yes"]],
  [{ query: { dry: "y*" } }, ["POST /charges/7?dry=yes"]],
  [{ header: { "X-Tenant": "acme-*" } }, ["GET /other"]],
  [{ method: "GET", path: "/charges*" }, ["GET /charges"]],
] as const)("match: %j", async (match, expected) => {
  const { ask } = await service([{ ...match, status: 500 }]);
  const acted: string[] = [];
  const asks = ["GET /charges", "POST /charges", "POST /charges/7?dry=yes", "GET /other", "GET /Charges"];
  for (const asked of asks) {
    const [method = "", path = ""] = asked.split(" ");
    const headers = path === "/other" ? { "x-tenant": "acme-1" } : { "x-tenant": "umbrella" };
    if ((await ask(path, { method, headers })).status === 500) acted.push(asked);
  }
  expect(acted).toEqual(expected);
});

test("delay holds the request, and before: answer holds the answer of one that has been served", async () => {
  const { ask, seen, gateway } = await service([{ path: "/late", delayMs: 150, jitterMs: 20 }]);
  const late = ask("/late", { method: "POST" }, "x");
  await ask("/quick");
  expect(seen).toEqual(["GET /quick"]);
  expect((await late).tookMs).toBeGreaterThanOrEqual(129);
  gateway.setRules([{ delayMs: 150, before: "answer" }]);
  const held = ask("/held");
  while (!seen.includes("GET /held")) await new Promise((resolve) => setTimeout(resolve, 2));
  const { tookMs, body } = await held;
  expect(tookMs).toBeGreaterThanOrEqual(149);
  expect(body).toMatch(/^you said GET \/held/);
});

test("cut closes the connection in the middle of the body", async () => {
  const { ask, gateway } = await service([{ cut: 0.4 }]);
  expect(await ask("/plain")).toMatchObject({
    status: 200,
    isWhole: false,
    body: expect.stringMatching(/^.{40}$/),
  });
  const chunked = await ask("/chunked");
  expect(chunked.isWhole).toBe(false);
  expect(chunked.body.length).toBeGreaterThan(20);
  expect(chunked.body.length).toBeLessThan(60);
  // There is nothing to cut.
  expect(await ask("/none")).toMatchObject({ status: 204, isWhole: true });
  expect(gateway.seen.rules).toMatchObject([{ matched: 3, chosen: 3, acted: 2 }]);
  expect(gateway.takeTraffic().exchanges.end).toEqual([4, 4, 0]);
});

test("a body in place of the upstream's has its own length; the rest of the answer stays", async () => {
  const { ask, gateway } = await service([{ body: '{"items": [' }], { connections: 1 });
  for (const path of ["/plain", "/chunked"]) {
    const { status, headers, body } = await ask(path);
    expect({ status, body }).toEqual({ status: 200, body: '{"items": [' });
    expect(headers["content-length"]).toBe("11");
    expect(headers["transfer-encoding"]).toBeUndefined();
  }
  expect((await ask("/plain")).headers.etag).toBe("x");
  gateway.setRules([]);
  expect((await ask("/after")).body).toMatch(/^you said GET \/after/);
});

test.each([
  ["close", "ECONNRESET"],
  ["reset", "ECONNRESET"],
] as const)("%s ends the connection in place of an answer", async (end, code) => {
  const { ask, seen, gateway } = await service([{ ends: end, first: 1 }]);
  await expect(ask()).rejects.toMatchObject({ code });
  expect(seen).toEqual([]);
  expect(await ask()).toMatchObject({ status: 200 });
  expect(gateway.takeTraffic()).toMatchObject({
    routes: [{ requests: 2, actedOn: 1, statuses: { none: 1, "200": 1 } }],
    exchanges: { end: [4, 0] },
  });
});

async function lineTo(handler: Handler, rules: readonly HttpRule[]) {
  const line = await GatewayLine.open(handler);
  ends.push(() => line.close());
  line.gateway.setRules(rules);
  return { line, client: await line.client(), upstream: await line.next() };
}

test("a close is a close, and a reset a reset", async () => {
  for (const [ends, how] of [
    ["close", "fin"],
    ["reset", "rst"],
  ] as const) {
    const { client } = await lineTo(() => {}, [{ ends }]);
    client.socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(await client.closed()).toBe(how);
    expect(client.received).toBe(0);
  }
});

test("answers of ours and the upstream's keep the order of pipelined requests", async () => {
  const { client, upstream } = await lineTo(
    (peer: Peer) => {
      let answered = 0;
      peer.socket.on("data", () => {
        const paths = [...peer.bytes.toString().matchAll(/GET (\S+)/g)].map(([, path = ""]) => path);
        for (const path of paths.slice(answered)) {
          setTimeout(
            () => peer.socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`),
            10 + answered++ * 10,
          );
        }
      });
    },
    [{ path: "/ours*", status: 500, body: "ours" }],
  );
  const paths = ["/ours/1", "/2", "/3", "/ours/4", "/5", "/ours/6", "/ours/7"];
  client.socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(""));
  const whole = paths
    .map((path) =>
      path.startsWith("/ours")
        ? "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 4\r\n\r\nours"
        : `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n${path}`,
    )
    .join("");
  await client.got(whole.length);
  expect(client.bytes.toString()).toBe(whole);
  expect(upstream.bytes.toString()).not.toContain("ours");
});

test("a client that waits for leave to send its body gets the answer, and then the connection's end", async () => {
  const { client, upstream } = await lineTo(() => {}, [{ status: 429 }]);
  client.socket.write("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  expect(await client.closed()).toBe("fin");
  expect(client.bytes.toString()).toBe(
    "HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
  );
  expect(upstream.received).toBe(0);
});

test("slow headers come piece by piece, in both kinds of answers", async () => {
  const answer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-Long: 0123456789\r\n\r\nbody";
  const { client, line } = await lineTo(
    (peer) => void peer.socket.on("data", () => peer.socket.write(answer)),
    [{ slowHeadersMs: 300 }],
  );
  const askedMs = performance.now();
  client.socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await client.got(answer.length);
  expect(performance.now() - askedMs).toBeGreaterThan(290);
  expect(client.bytes.toString()).toBe(answer);
  expect(client.arrivals.length).toBeGreaterThan(3);
  line.gateway.setRules([{ slowHeadersMs: 200, status: 500, body: "late" }]);
  client.socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await client.until(() => client.bytes.toString().endsWith("late"), 5_000, "answer of ours");
  expect(client.bytes.toString().slice(answer.length)).toBe(
    "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 4\r\n\r\nlate",
  );
});

test("rules meet a request in their order: delays add up, and the first answer ends it", async () => {
  const { ask, gateway } = await service([
    { delayMs: 60 },
    { delayMs: 60, path: "/b" },
    { status: 500, first: 1, path: "/b" },
    { status: 501, first: 1, path: "/b" },
  ]);
  const { status, tookMs } = await ask("/b");
  expect(status).toBe(500);
  expect(tookMs).toBeGreaterThanOrEqual(119);
  expect((await ask("/b")).status).toBe(501);
  expect((await ask("/b")).status).toBe(200);
  expect(gateway.seen.rules.map(({ matched, acted }) => [matched, acted])).toEqual([
    [3, 3],
    [3, 3],
    [3, 1],
    [2, 1],
  ]);
});

test("a rule that stays in place keeps its count; one that goes tells it", async () => {
  const first: HttpRule = { status: 500, first: 2 };
  const { gateway, statuses } = await service([first]);
  await statuses(1);
  expect(gateway.setRules([first, { status: 503, path: "/x" }])).toEqual([]);
  expect(only(500, await statuses(5))).toBe(1);
  expect(gateway.setRules([])).toEqual([
    { spec: first, matched: 6, chosen: 2, acted: 2 },
    { spec: { status: 503, path: "/x" }, matched: 0, chosen: 0, acted: 0 },
  ]);
});

test("a client that gives up while its request is held is counted as that, and the upstream never sees it", async () => {
  const { client, upstream, line } = await lineTo(() => {}, [{ delayMs: 60_000 }]);
  client.socket.write("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  await new Promise((resolve) => setTimeout(resolve, 30));
  client.socket.resetAndDestroy();
  expect(await upstream.closed()).toBe("rst");
  expect(upstream.received).toBe(0);
  while (line.gateway.counters.open > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(line.gateway.takeTraffic()).toMatchObject({
    routes: [{ route: "GET /slow", requests: 1, statuses: { none: 1 } }],
    exchanges: { end: [1], status: [0] },
  });
});

test("a client that closes while its request is held has given up then, though the request goes on", async () => {
  const { client, upstream, line } = await lineTo(() => {}, [{ delayMs: 400 }]);
  client.socket.end("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  await upstream.got(10);
  upstream.socket.destroy();
  while (line.gateway.counters.open > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const { exchanges } = line.gateway.takeTraffic();
  expect(exchanges.end).toEqual([1]);
  expect(exchanges.tookTenthMs[0]).toBeLessThan(4_000);
});

test("a request is counted once, also when the connection turns to no HTTP while its answer is on its way", async () => {
  const { client, upstream, line } = await lineTo(() => {}, [
    { status: 503, body: "late", slowHeadersMs: 200 },
  ]);
  client.socket.write("GET /a HTTP/1.1\r\nHost: x\r\n\r\n\u0016\u0003\u0001\r\n\r\n");
  await client.until(() => client.bytes.toString().endsWith("late"), 5_000, "answer of ours");
  client.socket.destroy();
  upstream.socket.destroy();
  while (line.gateway.counters.open > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const { routes, exchanges, unreadable } = line.gateway.takeTraffic();
  expect(unreadable).toBe(1);
  expect(routes).toMatchObject([{ route: "GET /a", requests: 1 }]);
  expect(exchanges.end).toHaveLength(1);
});

/** How the exchanges of one connection ended, once both sides have closed it. */
async function endsWith(handler: Handler) {
  const { client, line } = await lineTo(handler, []);
  client.socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const how = await client.closed();
  client.socket.destroy();
  while (line.gateway.counters.open > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const { end, status } = line.gateway.takeTraffic().exchanges;
  return { how, end, status };
}

test("an upstream that resets a connection, and one that closes it in mid-answer, are told apart", async () => {
  expect(
    await endsWith((peer) => void peer.socket.once("data", () => peer.socket.resetAndDestroy())),
  ).toEqual({
    how: "rst",
    end: [2],
    status: [0],
  });
  const half = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf";
  expect(await endsWith((peer) => void peer.socket.once("data", () => peer.socket.end(half)))).toEqual({
    how: "fin",
    end: [3],
    status: [200],
  });
});
