import { createHash } from "node:crypto";
import { Agent, createServer, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { sendCorpus } from "../../../bench/proxy/http-corpus.mjs";
import { type HttpGateway, openGateway } from "../../../src/faults/http/gateway/gateway.js";
import type { HttpRule } from "../../../src/faults/http-rule.js";
import { GatewayLine } from "../../helpers/gateway-line.js";
import { type Handler, hold, type Peer } from "../../helpers/proxy-line.js";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0).reverse()) end();
});

async function lineTo(handler: Handler, rules: readonly HttpRule[] = []) {
  const line = await GatewayLine.open(handler);
  ends.push(() => line.close());
  line.gateway.setRules(rules);
  return line;
}

/** They are for requests that do not come: heads are held until they are whole, and then pass. */
const IDLE: HttpRule = { path: "/nobody-asks", status: 503 };

/** Answers each request it has read whole with the next of `answers`. */
const answering =
  (...answers: readonly string[]): Handler =>
  (peer) => {
    let given = 0;
    peer.socket.on("data", () => {
      const asked = peer.bytes.toString("latin1").split("\r\n\r\n").length - 1;
      while (given < Math.min(asked, answers.length)) peer.socket.write(answers[given++] ?? "", "latin1");
    });
  };

/** What both sides say, and what each of them hears in the end. */
async function exchanged(
  client: readonly string[],
  answers: readonly string[],
  rules: readonly HttpRule[],
): Promise<{ heard: string; asked: string; line: GatewayLine }> {
  const line = await lineTo(answering(...answers), rules);
  const peer = await line.client();
  const upstream = await line.next();
  for (const part of client) {
    peer.socket.write(part, "latin1");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const expected = answers.join("");
  await peer.got(Buffer.byteLength(expected, "latin1"));
  await upstream.got(client.join("").length);
  return { heard: peer.bytes.toString("latin1"), asked: upstream.bytes.toString("latin1"), line };
}

const CASES: readonly (readonly [name: string, asked: readonly string[], answered: readonly string[]])[] = [
  [
    "casing, order and duplicates of headers",
    ["GET /A?b=%20 HTTP/1.1\r\nhOST: x\r\nX-A: 1\r\nx-a: 2\r\nCookie:  a=b \r\n\r\n"],
    ["HTTP/1.1 200 Fine, thanks\r\nSet-Cookie: a\r\nset-cookie: b\r\nContent-LENGTH: 2\r\n\r\nok"],
  ],
  [
    "pipelined requests",
    ["GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"],
  ],
  [
    "chunked bodies with extensions and trailers",
    [
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n",
      "5;a=b\r\nhel",
      "lo\r\nA\r\n0123456789\r\n0\r\nX-Sum: 1\r\n",
      "\r\n",
    ],
    ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-T: y\r\n\r\n"],
  ],
  [
    "heads that come a few bytes at a time",
    [..."GET /slow HTTP/1.1\r\nHost: x\r\nA: ".match(/.{1,3}/gs)!, "1\r\n", "\r\n"],
    ["HTTP/1.1 204 No Content\r\n\r\n"],
  ],
  [
    "answers without a body, whatever their headers say",
    ["HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\nGET /c HTTP/1.1\r\nHost: x\r\n\r\n"],
    [
      "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n",
      "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nend",
    ],
  ],
  [
    "answers that come before the answer: 100 and 103",
    ["POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n", "body"],
    [
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ],
  ],
  [
    "HTTP/1.0 and bytes above 127",
    ["GET /\xe9 HTTP/1.0\r\nX: \xff\xfe\r\n\r\n"],
    ["HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n\x00\xff\x80"],
  ],
  [
    "what no server would agree on: a length beside chunks, a space before a colon, a folded length",
    ["POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
    ["HTTP/1.1 400 Bad Request\r\nContent-Length : 1\r\n\r\n!"],
  ],
];

for (const [how, rules] of [
  ["no rule in place", []],
  ["a rule for other requests", [IDLE]],
] as const) {
  test.each(CASES)(`${how}: %s cross unchanged`, async (_, asked, answered) => {
    const { heard, asked: arrived } = await exchanged(asked, answered, rules);
    expect(arrived).toBe(asked.join(""));
    expect(heard).toBe(answered.join(""));
  });
}

test("what is no HTTP crosses as it is, with rules in place, and is counted", async () => {
  const { heard, asked, line } = await exchanged(["*1\r\n$4\r\nPI", "NG\r\n\r\n\r\n"], ["+PONG\r\n"], [IDLE]);
  expect([asked, heard]).toEqual(["*1\r\n$4\r\nPING\r\n\r\n\r\n", "+PONG\r\n"]);
  expect(line.gateway.takeTraffic().unreadable).toBe(1);
  expect(line.gateway.seen.unreadable).toMatch(/^\*1\r\n/);
});

test("part of a head is not held back where there is no rule", async () => {
  const line = await lineTo(hold);
  const client = await line.client();
  const upstream = await line.next();
  client.socket.write("GET / HT");
  await upstream.got(8);
});

test("a connection that goes over to another protocol carries its bytes", async () => {
  const line = await lineTo(
    (peer: Peer) => {
      let isUpgraded = false;
      peer.socket.on("data", (bytes: Buffer) => {
        if (isUpgraded) peer.socket.write(bytes);
        else
          peer.socket.write(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x02hi",
            "latin1",
          );
        isUpgraded = true;
      });
    },
    [IDLE],
  );
  const client = await line.client();
  client.socket.write("GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  const begin = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x02hi";
  await client.got(begin.length);
  const frame = Buffer.from([0x81, 0x85, 0x0d, 0x0a, 0x0d, 0x0a, 1, 2, 3, 4, 5]);
  client.socket.write(frame);
  await client.got(begin.length + frame.length);
  expect(client.bytes.subarray(begin.length)).toEqual(frame);
  const { routes, exchanges } = line.gateway.takeTraffic();
  expect(routes).toEqual([{ route: "GET /chat", requests: 1, actedOn: 0, statuses: { "101": 1 } }]);
  expect(exchanges.end).toEqual([5]);
});

test("a body that ends with its connection ends so behind the gateway", async () => {
  const line = await lineTo((peer) => {
    peer.socket.once("data", () => peer.socket.end("HTTP/1.1 200 OK\r\n\r\nall of it"));
  });
  const client = await line.client();
  client.socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  expect(await client.closed()).toBe("fin");
  expect(client.bytes.toString()).toBe("HTTP/1.1 200 OK\r\n\r\nall of it");
  client.socket.end();
  await (await line.next()).closed();
  expect(line.gateway.takeTraffic().exchanges).toMatchObject({ status: [200], end: [0] });
});

/** A server of Node behind a gateway. */
async function serverBehind(listener: Parameters<typeof createServer>[1]): Promise<{
  gateway: HttpGateway;
  server: Server;
  ask(path: string, options?: object, body?: Buffer): Promise<{ answer: IncomingMessage; body: Buffer }>;
}> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const gateway = await openGateway({
    listen: { host: "127.0.0.1", port: 0 },
    upstream: { address: { host: "127.0.0.1", port }, tls: null, alpn: null },
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  ends.push(() => {
    agent.destroy();
    gateway.close();
    server.close();
  });
  const ask = (path: string, options: object = {}, body?: Buffer) =>
    new Promise<{ answer: IncomingMessage; body: Buffer }>((resolve, reject) => {
      const asked = request(`http://${gateway.address}${path}`, { agent, ...options }, (answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.on("end", () => resolve({ answer, body: Buffer.concat(parts) }));
        answer.on("error", reject);
      });
      asked.on("error", reject);
      asked.end(body);
    });
  return { gateway, server, ask };
}

test("a mixed crowd of requests comes through byte for byte, and is counted by route and status", async () => {
  const digest = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
  const { gateway, ask } = await serverBehind((incoming, response) => {
    const parts: Buffer[] = [];
    incoming.on("data", (part: Buffer) => parts.push(part));
    incoming.on("end", () => {
      const body = Buffer.concat(parts);
      const size = Number(new URL(incoming.url ?? "", "http://x").searchParams.get("size"));
      const answer = Buffer.alloc(size, `${incoming.url} `);
      response.writeHead(size % 7 === 0 ? 404 : 200, [
        ["X-Got", digest(body)],
        ["X-Headers", digest(Buffer.from(JSON.stringify(incoming.rawHeaders.filter((_, i) => i > 3))))],
        ...(size % 2 === 0 ? [["Content-Length", String(size)]] : []),
      ] as never);
      response.end(answer);
    });
  });
  let next = 7;
  const random = (below: number) => {
    next = (Math.imul(next, 1_103_515_245) + 12_345) >>> 0;
    return next % below;
  };
  const sizes = [0, 1, 2, 13, 100, 1_024, 16_383, 16_384, 65_536, 70_001];
  const requests = 300;
  let i = 0;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (i < requests) {
        const n = i++;
        const [size, sent] = [sizes[random(10)]!, sizes[random(10)]!];
        const body = Buffer.alloc(sent, `${n}.`);
        const isChunked = random(2) === 0;
        const { answer, body: got } = await ask(
          `/items/${n}?size=${size}`,
          {
            method: sent === 0 ? "GET" : "POST",
            headers: sent > 0 && !isChunked ? { "Content-Length": sent } : {},
          },
          sent === 0 ? undefined : body,
        );
        expect(answer.statusCode).toBe(size % 7 === 0 ? 404 : 200);
        expect(answer.headers["x-got"]).toBe(digest(body));
        expect(digest(got)).toBe(digest(Buffer.alloc(size, `/items/${n}?size=${size} `)));
      }
    }),
  );
  const { routes, unreadable, seconds } = gateway.takeTraffic();
  const total = routes.reduce((all, { requests: one }) => all + one, 0);
  expect([total, unreadable]).toEqual([requests, 0]);
  expect(routes.map(({ route }) => route).sort()).toEqual(["GET /items/{id}", "POST /items/{id}"]);
  expect(seconds.requests.reduce((a, b) => a + b, 0)).toBe(requests);
  expect(seconds.opened.reduce((a, b) => a + b, 0)).toBe(8);
});

test.each([
  ["no rule in place", []],
  ["a rule for other requests", [IDLE]],
] as const)(
  "%s: 2,000 exchanges of every kind cross byte for byte",
  async (_, rules) => {
    let gateway: HttpGateway | null = null;
    const { altered, exchanges } = await sendCorpus({
      exchanges: 2_000,
      connections: 20,
      seed: 3,
      open: async (port) => {
        gateway = await openGateway({
          listen: { host: "127.0.0.1", port: 0 },
          upstream: { address: { host: "127.0.0.1", port }, tls: null, alpn: null },
        });
        gateway.setRules(rules);
        ends.push(() => gateway?.close());
        return Number(gateway.address.split(":")[1]);
      },
    });
    expect({ exchanges, altered }).toEqual({ exchanges: 2_000, altered: { requests: 0, answers: 0 } });
    // Each was seen as what it was.
    const { routes, unreadable } = gateway!.takeTraffic();
    expect(unreadable).toBe(0);
    expect(routes.reduce((all, { requests }) => all + requests, 0)).toBe(2_000);
  },
  60_000,
);
