import { createServer, request } from "node:http";
import { connect as connectHttp2, constants, createServer as createHttp2 } from "node:http2";
import {
  type AddressInfo,
  connect as connectTcp,
  createServer as createTcpServer,
  type Server,
} from "node:net";
import { afterEach, expect, test } from "vitest";
import { openGateway } from "../../../src/faults/http/gateway/gateway.js";
import type { HttpRule } from "../../../src/faults/http-rule.js";
import { EXCHANGE_ENDS, EXCHANGE_FLAGS } from "../../../src/faults/http-traffic.js";
import { sleep } from "../../../src/support/clock.js";
import { ask2, Http2Line, type StreamHandler } from "../../helpers/http2-line.js";
import { pattern, sha256 } from "../../helpers/proxy-line.js";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0).reverse()) end();
});

const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR } = constants;

/** Sends back what it gets; /sized says the length, /none has no body, /trailers ends with some. */
function echoing() {
  const seen: string[] = [];
  const handler: StreamHandler = (stream, headers) => {
    const path = headers[":path"] ?? "";
    const parts: Buffer[] = [];
    stream.on("data", (part: Buffer) => parts.push(part));
    stream.on("end", () => {
      const body = Buffer.concat(parts);
      seen.push(`${headers[":method"]} ${path} ${body.length}`);
      if (stream.destroyed) return;
      if (path === "/none") stream.respond({ ":status": 204 }, { endStream: true });
      else if (path === "/trailers") {
        stream.respond({ ":status": 200 }, { waitForTrailers: true });
        stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": String(body.length) }));
        stream.end(body);
      } else {
        const length = path === "/sized" ? { "content-length": body.length } : {};
        stream.respond({ ":status": 200, etag: "x", "content-encoding": "identity", ...length });
        stream.end(body);
      }
    });
  };
  return { seen, handler };
}

async function standing(rules: readonly HttpRule[] = []) {
  const { seen, handler } = echoing();
  const line = await Http2Line.open(handler, rules);
  ends.push(() => line.close());
  return { seen, line, gateway: line.gateway, session: line.session() };
}

/** @returns its port. */
async function listening(server: Pick<Server, "listen" | "address" | "close">): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function before(port: number) {
  const gateway = await openGateway({
    listen: { host: "127.0.0.1", port: 0 },
    upstream: { address: { host: "127.0.0.1", port }, tls: null, alpn: null },
  });
  ends.push(() => gateway.close());
  return gateway;
}

const POST = { ":method": "POST" };

test("bodies of 0 to 2 MB cross both ways byte for byte, on many streams at once", async () => {
  const { line, gateway } = await standing();
  const sessions = [line.session(), line.session(), line.session()];
  const sizes = [0, 1, 100, 16_384, 16_385, 65_535, 65_536, 200_000, 2_000_000];
  const asked = sizes.flatMap((size) => sessions.map((session) => ({ session, body: pattern(size) })));
  const paths = ["/", "/sized", "/trailers"];
  const answers = await Promise.all(
    asked.map(({ session, body }, at) => ask2(session, { ...POST, ":path": paths[at % 3] }, body)),
  );
  expect(answers.map(({ body }) => sha256(body))).toEqual(asked.map(({ body }) => sha256(body)));
  expect(answers.every(({ status, reset }) => status === 200 && reset === 0)).toBe(true);
  expect(answers[2]?.trailers["x-sum"]).toBe("0");
  const { routes, unreadable, exchanges } = gateway.takeTraffic();
  expect(unreadable).toBe(0);
  expect(routes.map(({ route, requests, statuses }) => [route, requests, statuses]).sort()).toEqual(
    paths.map((path) => [`POST ${path}`, 9, { "200": 9 }]),
  );
  expect(new Set(exchanges.end.map((end) => EXCHANGE_ENDS[end]))).toEqual(new Set(["answered"]));
});

test("a share of 2,000 requests is answered with 503, and the upstream does not see them", async () => {
  const REQUESTS = 2_000;
  const { seen, gateway, session } = await standing([
    { status: 503, headers: { "Retry-After": "1", connection: "close" }, body: "not now", share: 0.3 },
  ]);
  const answers: Awaited<ReturnType<typeof ask2>>[] = [];
  let begun = 0;
  const work = async () => {
    while (begun++ < REQUESTS) answers.push(await ask2(session, { ":path": "/charges/17" }));
  };
  await Promise.all(Array.from({ length: 40 }, work));
  const refused = answers.filter(({ status }) => status === 503);
  // Three standard deviations of a binomial distribution.
  expect(Math.abs(refused.length - 0.3 * REQUESTS)).toBeLessThan(3 * Math.sqrt(REQUESTS * 0.3 * 0.7));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(REQUESTS - refused.length);
  expect(seen).toHaveLength(REQUESTS - refused.length);
  expect(refused.every(({ body, reset }) => body.toString() === "not now" && reset === 0)).toBe(true);
  expect(refused[0]?.headers).toMatchObject({ "retry-after": "1", "content-length": "7" });
  const [route] = gateway.takeTraffic().routes;
  expect(route).toEqual({
    route: "GET /charges/{id}",
    requests: REQUESTS,
    actedOn: refused.length,
    statuses: { "200": REQUESTS - refused.length, "503": refused.length },
  });
});

test("the first three are three, with 50 streams at once on five connections", async () => {
  const { seen, line, gateway } = await standing([{ status: 500, first: 3 }]);
  const sessions = Array.from({ length: 5 }, () => line.session());
  const answers = await Promise.all(Array.from({ length: 50 }, (_, at) => ask2(sessions[at % 5]!)));
  expect(answers.filter(({ status }) => status === 500)).toHaveLength(3);
  expect(seen).toHaveLength(47);
  expect(gateway.seen.rules).toMatchObject([{ matched: 50, chosen: 3, acted: 3 }]);
});

test("every and above choose among streams as among requests of HTTP/1.1", async () => {
  const { gateway, session } = await standing([{ status: 429, every: 10 }]);
  const tenth = await Promise.all(Array.from({ length: 40 }, () => ask2(session)));
  expect(tenth.filter(({ status }) => status === 429)).toHaveLength(4);
  gateway.setRules([{ status: 429, abovePerS: 20 }]);
  const burst = await Promise.all(Array.from({ length: 50 }, () => ask2(session)));
  expect(burst.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(30 - 1);
  expect(burst.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(20);
});

test("a rule is for the method, path, query and headers that it names", async () => {
  const { gateway, session } = await standing([
    {
      status: 418,
      method: "POST",
      path: "/charges*",
      query: { dry: "*" },
      header: { "X-Tenant": "acme-*", host: "127.*", cookie: "*b=2*" },
    },
  ]);
  const right = { ...POST, ":path": "/charges/9?dry=1", "x-tenant": "acme-7", cookie: "a=1; b=2" };
  const answers = await Promise.all([
    ask2(session, right, Buffer.from("x")),
    ask2(session, { ...right, ":method": "PUT" }, Buffer.from("x")),
    ask2(session, { ...right, ":path": "/charges" }, Buffer.from("x")),
    ask2(session, { ...right, "x-tenant": "other" }, Buffer.from("x")),
    ask2(session, { ...right, cookie: "b=3" }, Buffer.from("x")),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([418, 200, 200, 200, 200]);
  expect(gateway.seen.rules).toMatchObject([{ matched: 1, acted: 1 }]);
});

test("a request is held before it goes on, and an answer before it goes back; others do not wait", async () => {
  const { seen, session, gateway } = await standing([{ delayMs: 300, path: "/held" }]);
  const held = ask2(session, { ...POST, ":path": "/held" }, Buffer.from("body"));
  await sleep(100);
  expect((await ask2(session)).tookMs).toBeLessThan(150);
  expect(seen).toEqual(["GET / 0"]);
  const late = await held;
  expect(late.tookMs).toBeGreaterThan(295);
  expect(late.body.toString()).toBe("body");
  gateway.setRules([{ delayMs: 300, before: "answer", path: "/held" }]);
  const answered = ask2(session, { ...POST, ":path": "/held" }, pattern(5_000));
  await sleep(100);
  expect(seen.at(-1)).toBe("POST /held 5000");
  const whole = await answered;
  expect(whole.tookMs).toBeGreaterThan(295);
  expect(whole.body).toHaveLength(5_000);
});

test("the end of a fault lets go what it holds at once", async () => {
  const { gateway, session } = await standing([
    { delayMs: 20_000, path: "/request" },
    { delayMs: 20_000, before: "answer", path: "/answer" },
    { delayMs: 20_000, status: 503, path: "/status" },
  ]);
  const all = ["/request", "/answer", "/status"].map((path) => ask2(session, { ":path": path }));
  await sleep(150);
  gateway.setRules([]);
  const answers = await Promise.all(all);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(Math.max(...answers.map(({ tookMs }) => tookMs))).toBeLessThan(5_000);
});

test("a stream is reset or closed in place of an answer, and the connection goes on", async () => {
  const { seen, gateway, session } = await standing([
    { ends: "reset", path: "/reset" },
    { ends: "close", path: "/close" },
  ]);
  const reset = await ask2(session, { ":path": "/reset" });
  const closed = await ask2(session, { ":path": "/close" });
  expect([reset.status, reset.reset]).toEqual([0, NGHTTP2_INTERNAL_ERROR]);
  expect([closed.status, closed.reset]).toEqual([0, NGHTTP2_CANCEL]);
  expect((await ask2(session, { ":path": "/other" })).status).toBe(200);
  expect(seen).toEqual(["GET /other 0"]);
  const { exchanges } = gateway.takeTraffic();
  expect(exchanges.end.map((end) => EXCHANGE_ENDS[end])).toEqual(["broken_off", "broken_off", "answered"]);
  expect(gateway.seen.rules).toMatchObject([{ acted: 1 }, { acted: 1 }]);
});

test.each(["/sized", "/"])("half of a body, and the end of the stream: %s", async (path) => {
  const { gateway, session } = await standing([{ cut: 0.5 }]);
  for (const size of [10, 50_000, 300_000]) {
    const asked = pattern(size);
    const { status, body, reset } = await ask2(session, { ...POST, ":path": path }, asked);
    expect([status, reset]).toEqual([200, NGHTTP2_INTERNAL_ERROR]);
    expect(body.equals(asked.subarray(0, size / 2))).toBe(true);
  }
  // It has nothing that could be cut.
  expect((await ask2(session, { ":path": "/none" })).status).toBe(204);
  expect(gateway.seen.rules).toMatchObject([{ matched: 4, chosen: 4, acted: 3 }]);
  gateway.setRules([]);
  // The windows have lost nothing: more than they hold crosses.
  const after = await ask2(session, { ...POST, ":path": path }, pattern(500_000));
  expect(after.body).toHaveLength(500_000);
});

test.each(["/sized", "/", "/trailers"])(
  "another body takes the place of the upstream's: %s",
  async (path) => {
    const { seen, gateway, session } = await standing([{ body: '{"items": [' }]);
    for (const size of [10, 300_000]) {
      const { status, headers, body, reset } = await ask2(session, { ...POST, ":path": path }, pattern(size));
      expect([status, reset, body.toString()]).toEqual([200, 0, '{"items": [']);
      expect(headers["content-length"]).toBe("11");
      expect(headers["content-encoding"]).toBeUndefined();
    }
    expect(seen).toHaveLength(2);
    gateway.setRules([]);
    expect((await ask2(session, { ...POST, ":path": path }, pattern(500_000))).body).toHaveLength(500_000);
    expect(gateway.takeTraffic().routes).toMatchObject([{ requests: 3, actedOn: 2, statuses: { "200": 3 } }]);
  },
);

test("a large body of ours goes no faster than the client takes it, beside the upstream's", async () => {
  const text = "x".repeat(1_000_000);
  const { session } = await standing([{ status: 503, body: text, path: "/ours" }]);
  const asked = Array.from({ length: 12 }, (_, at) =>
    at % 2 === 0
      ? ask2(session, { ":path": "/ours" })
      : ask2(session, { ...POST, ":path": "/theirs" }, pattern(400_000)),
  );
  const answers = await Promise.all(asked);
  for (const [at, { status, body, reset }] of answers.entries()) {
    expect([status, body.length, reset]).toEqual(at % 2 === 0 ? [503, 1_000_000, 0] : [200, 400_000, 0]);
  }
});

test("an answer of ours comes once a long request is whole, and the same request is known again", async () => {
  const { seen, gateway, session } = await standing([{ status: 503 }]);
  const asked = pattern(2_000_000);
  for (let i = 0; i < 2; i++) {
    const answer = await ask2(session, { ...POST, "idempotency-key": "k" }, asked);
    expect([answer.status, answer.reset]).toEqual([503, 0]);
  }
  expect(seen).toEqual([]);
  const { exchanges } = gateway.takeTraffic();
  expect(new Set(exchanges.digest).size).toBe(1);
  const { idempotencyKey, actedOn } = EXCHANGE_FLAGS;
  expect(exchanges.flags).toEqual([idempotencyKey + actedOn, idempotencyKey + actedOn]);
});

test("HEAD has the length of a body of ours without the body", async () => {
  const { session } = await standing([{ status: 503, body: "not now" }]);
  const answer = await ask2(session, { ":method": "HEAD" });
  expect([answer.status, answer.body.length, answer.headers["content-length"]]).toEqual([503, 0, "7"]);
});

test("a request that its client gives up is given up at the upstream, and counted", async () => {
  let cancelled = 0;
  const line = await Http2Line.open((stream) => {
    stream.on("aborted", () => cancelled++);
  });
  ends.push(() => line.close());
  const stream = line.session().request({ ":path": "/slow" });
  stream.on("error", () => {});
  await sleep(100);
  stream.close(NGHTTP2_CANCEL);
  await expect.poll(() => cancelled).toBe(1);
  const { exchanges, routes } = line.gateway.takeTraffic();
  expect(exchanges.end.map((end) => EXCHANGE_ENDS[end])).toEqual(["given_up"]);
  expect(routes).toMatchObject([{ route: "GET /slow", statuses: { none: 1 } }]);
});

test("slow headers are of HTTP/1.1: it is counted that nothing was done", async () => {
  const { gateway, session } = await standing([{ slowHeadersMs: 2_000 }]);
  expect((await ask2(session)).tookMs).toBeLessThan(1_000);
  expect(gateway.seen).toMatchObject({ notSlowed: 1, rules: [{ matched: 1, chosen: 1, acted: 0 }] });
});

test("one proxy speaks both versions, and a rule counts them together", async () => {
  const http2 = createHttp2();
  http2.on("stream", echoing().handler);
  const http1 = createServer((_, response) => response.end("one"));
  const [port2, port1] = [await listening(http2), await listening(http1)];
  // Tells them apart by the first bytes, as servers do that speak both without TLS.
  const port = await listening(
    createTcpServer((client) => {
      client.on("error", () => {});
      client.once("data", (begin) => {
        const server = connectTcp(begin.toString().startsWith("PRI ") ? port2 : port1, "127.0.0.1");
        server.on("error", () => {});
        server.write(begin);
        client.pipe(server).pipe(client);
      });
    }),
  );
  const gateway = await before(port);
  const session = connectHttp2(`http://${gateway.address}`);
  session.on("error", () => {});
  ends.push(() => session.destroy());
  gateway.setRules([{ status: 503, every: 2 }]);
  const one = () =>
    new Promise<number>((resolve, reject) => {
      request(`http://${gateway.address}/`, { agent: false }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      })
        .on("error", reject)
        .end();
    });
  const statuses = [];
  for (let i = 0; i < 2; i++) statuses.push(await one(), (await ask2(session)).status);
  expect(statuses).toEqual([200, 503, 200, 503]);
  expect(gateway.takeTraffic().routes).toMatchObject([{ route: "GET /", requests: 4, actedOn: 2 }]);
});

test("a client of HTTP/2 before an upstream of HTTP/1.1 does not hang, and it is counted", async () => {
  const gateway = await before(await listening(createServer((_, response) => response.end("one"))));
  gateway.setRules([{ status: 503, every: 2 }]);
  for (let i = 0; i < 2; i++) {
    const session = connectHttp2(`http://${gateway.address}`);
    session.on("error", () => {});
    const answer = await ask2(session);
    expect(answer.status).toBe(0);
    expect(answer.tookMs).toBeLessThan(3_000);
    session.destroy();
  }
  expect(gateway.seen.http2Refused).toBe(2);
  expect(gateway.takeTraffic().unreadable).toBe(2);
});

test("what waits for room goes on when a held answer before it is not sent after all", async () => {
  const sized: StreamHandler = (stream, headers) => {
    stream.on("error", () => {});
    stream.respond({ ":status": 200 });
    stream.end(Buffer.alloc(Number(headers[":path"]?.match(/\d+/)?.[0] ?? 0)));
  };
  const line = await Http2Line.open(sized, [
    { path: "/own", status: 503, body: "x".repeat(20_000) },
    { path: "/slow*", delayMs: 500, before: "answer", body: "s" },
  ]);
  ends.push(() => line.close());
  const session = line.session();
  expect((await ask2(session, { ":path": "/own" })).status).toBe(503);
  const slow = ask2(session, { ":path": "/slow40000" });
  await sleep(100);
  const large = ask2(session, { ":path": "/large60000" });
  expect((await large).body).toHaveLength(60_000);
  expect(String((await slow).body)).toBe("s");
});

test("an upstream that goes on with an answer whose body is replaced is told to stop", async () => {
  const codes: number[] = [];
  const line = await Http2Line.open(
    (stream) => {
      stream.on("error", () => {});
      stream.on("close", () => codes.push(stream.rstCode));
      stream.respond({ ":status": 200 });
      stream.write("event");
    },
    [{ path: "/*", body: "b" }],
  );
  ends.push(() => line.close());
  expect(String((await ask2(line.session(), { ":path": "/events" })).body)).toBe("b");
  await expect.poll(() => codes, { timeout: 3_000 }).toEqual([NGHTTP2_CANCEL]);
});
