import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import {
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startLoad } from "../../../src/load/start-load.js";
import type { LoadPlan, TlsOptions } from "../../../src/plan/load-plan.js";
import { closedModel, loadPlan, openModel, request, runLoad, totals } from "../../helpers/load-plans.js";

const pem = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url), "utf8");
const identity = { key: pem("server.key"), cert: pem("server.pem") };
const NO_TLS: TlsOptions = { ca: null, cert: null, key: null, servername: null, verify: true };

interface Target {
  readonly port: number;
  readonly seen: readonly IncomingHttpHeaders[];
  readonly sessions: () => number;
  readonly openSessions: () => number;
}

type OnStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

const answerHello: OnStream = (stream) => {
  stream.respond({ ":status": 200, "x-greeting": "hello" });
  stream.end("hello");
};

/** A server of Node's own implementation. */
async function serve(
  server: Http2Server,
  onStream: OnStream = answerHello,
  listenAt: string | null = null,
): Promise<Target> {
  const seen: IncomingHttpHeaders[] = [];
  const open = new Set<ServerHttp2Session>();
  let sessions = 0;
  server.on("session", (session) => {
    sessions++;
    open.add(session);
    session.on("close", () => open.delete(session));
    session.on("error", () => {});
  });
  server.on("stream", (stream, headers) => {
    seen.push(headers);
    stream.on("error", () => {});
    onStream(stream, headers);
  });
  await new Promise<void>((resolve) => {
    if (listenAt === null) server.listen(0, "127.0.0.1", resolve);
    else server.listen(listenAt, resolve);
  });
  onTestFinished(() => {
    for (const session of open) session.destroy();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { port, seen, sessions: () => sessions, openSessions: () => open.size };
}

const overTcp = (port: number, changes: Partial<LoadPlan> = {}) =>
  loadPlan(`http://127.0.0.1:${port}`, openModel(50), { protocol: "h2", pipelining: 100, ...changes });

function overTls(port: number, tls: Partial<TlsOptions>, changes: Partial<LoadPlan> = {}): LoadPlan {
  const url = `https://127.0.0.1:${port}`;
  return loadPlan(url, openModel(20), {
    target: { url, socketPath: null, tls: { ...NO_TLS, ...tls } },
    protocol: "h2",
    pipelining: 100,
    timeoutMs: 15_000,
    ...changes,
  });
}

test("requests go out with their headers, values and bodies, and answers are looked into", async () => {
  const bodies: string[] = [];
  const target = await serve(createServer(), (stream, headers) => {
    let body = "";
    stream.setEncoding("utf8");
    stream.on("data", (chunk) => {
      body += chunk;
    });
    stream.on("end", () => {
      bodies.push(body);
      stream.respond(
        { ":status": 201, location: `/items/${headers["x-number"]}` },
        { waitForTrailers: true },
      );
      stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": "7" }));
      stream.end(JSON.stringify({ id: headers["x-number"] }));
    });
  });
  const post = request({
    name: "post",
    method: "POST",
    path: "/items?page=${seq}",
    headers: { "X-Number": "${seq}", Host: "shop.test" },
    body: '{"n":${seq},"t":"é"}',
    bodyEncoding: "json",
    expect: {
      status: [201],
      headers: { location: { regex: "^/items/\\d+$" }, "x-sum": "7" },
      body: null,
      json: { "$.id": { regex: "^\\d+$" } },
    },
  });
  const measured = await runLoad(overTcp(target.port, { mix: { kind: "requests", requests: [post] } }), 500);
  const counts = totals(measured.all);
  expect(measured.reasons).toEqual({});
  expect(counts.ok).toBe(counts.scheduled);
  expect(target.seen).toHaveLength(counts.scheduled);
  expect(target.sessions()).toBe(1);
  const [first] = target.seen;
  expect(first).toMatchObject({
    ":method": "POST",
    ":scheme": "http",
    ":authority": "shop.test",
    ":path": "/items?page=1",
    "x-number": "1",
    "content-length": String(Buffer.byteLength('{"n":1,"t":"é"}')),
  });
  expect(first?.host).toBeUndefined();
  expect(bodies[0]).toBe('{"n":1,"t":"é"}');
});

test("journeys take values from one answer to the next request", async () => {
  const target = await serve(createServer(), (stream, headers) => {
    const isFirst = headers[":path"] === "/login";
    stream.respond({ ":status": isFirst || headers.authorization === "Bearer t1" ? 200 : 401 });
    stream.end(isFirst ? '{"token":"t1"}' : "");
  });
  const login = request({
    name: "login",
    path: "/login",
    capture: [{ name: "token", from: { kind: "json", path: "$.token" } }],
  });
  const use = request({ name: "use", path: "/use", headers: { authorization: "Bearer ${capture.token}" } });
  const steps = [login, use].map((step) => ({ ...step, thinkTimeMs: 0 }));
  const mix = { kind: "journeys", journeys: [{ name: "visit", weight: 1, steps }] } as const;
  const measured = await runLoad(overTcp(target.port, { mix }), 500);
  const counts = totals(measured.all);
  expect(counts.ok).toBe(counts.scheduled);
  const uses = target.seen.filter((headers) => headers[":path"] === "/use");
  expect(uses.length).toBeGreaterThan(0);
  for (const { authorization } of uses) expect(authorization).toBe("Bearer t1");
});

test("headers that repeat, and a date that changes, are read from the table of the connection", async () => {
  let n = 0;
  const target = await serve(createServer(), (stream) => {
    n++;
    stream.respond({
      ":status": 200,
      "x-kind": n % 3 === 0 ? "third" : "other",
      "content-type": "text/plain",
    });
    stream.end("hello");
  });
  const expecting = request({
    expect: {
      status: [200],
      headers: { "x-kind": "other", "content-type": "text/plain" },
      body: null,
      json: {},
    },
  });
  const measured = await runLoad(
    overTcp(target.port, { mix: { kind: "requests", requests: [expecting] } }),
    1500,
  );
  const counts = totals(measured.all);
  expect(counts.http_error).toBe(Math.floor(target.seen.length / 3));
  expect(counts.ok + counts.http_error).toBe(counts.scheduled);
});

test("HEAD, 204 and 304 have no body, whatever they announce", async () => {
  const target = await serve(createServer(), (stream, headers) => {
    const status = Number(String(headers[":path"]).slice(1));
    stream.respond({ ":status": status, "content-length": 500 }, { endStream: true });
  });
  const requests = [
    request({ name: "head", method: "HEAD", path: "/200" }),
    request({ name: "same", path: "/304", expect: { status: [304], headers: {}, body: null, json: {} } }),
  ];
  const counts = totals(
    (await runLoad(overTcp(target.port, { mix: { kind: "requests", requests } }), 400)).all,
  );
  expect(counts.ok).toBe(counts.scheduled);
});

test("in the closed model as many requests are under way on a connection as its streams", async () => {
  const waiting: (() => void)[] = [];
  let most = 0;
  const target = await serve(createServer(), (stream) => {
    waiting.push(() => answerHello(stream, {}));
    most = Math.max(most, waiting.length);
    setTimeout(() => waiting.shift()?.(), 30);
  });
  const plan = overTcp(target.port, { model: closedModel(2), pipelining: 5 });
  const measured = await runLoad(plan, 500);
  const counts = totals(measured.all);
  expect(counts.ok).toBe(counts.scheduled);
  expect(most).toBe(10);
  expect(target.sessions()).toBe(2);
  expect(measured.connectionsOpened).toBe(2);
});

test("without keep-alive each request has a connection of its own", async () => {
  const target = await serve(createServer());
  const measured = await runLoad(overTcp(target.port, { keepAlive: false, pipelining: 1 }), 400);
  const counts = totals(measured.all);
  expect(counts.ok).toBe(counts.scheduled);
  expect(target.sessions()).toBe(counts.scheduled);
  expect(measured.connectionsOpened).toBe(counts.scheduled);
});

test("a body that is too large to be looked into ends its stream, and not the others", async () => {
  // In MB: what it holds of a body counts.
  const target = await serve(createServer({ maxSessionMemory: 100 }), (stream, headers) => {
    stream.respond({ ":status": 200 });
    if (headers[":path"] === "/large") stream.end(Buffer.alloc(17 * 1024 * 1024));
    else stream.end("hello");
  });
  const looking = { expect: { status: [200], headers: {}, body: "hello", json: {} } };
  const requests = [
    request({ name: "large", path: "/large", weight: 1, ...looking }),
    request({ name: "small", path: "/small", weight: 20, ...looking }),
  ];
  const plan = overTcp(target.port, { model: openModel(20), mix: { kind: "requests", requests }, seed: 3 });
  const measured = await runLoad(plan, 1500);
  const [large, small] = measured.requests.map(totals);
  expect(large?.scheduled).toBeGreaterThan(0);
  expect(large?.http_error).toBe(large?.scheduled);
  expect(small?.ok).toBe(small?.scheduled);
});

test("unix sockets work", async () => {
  const folder = mkdtempSync(join(tmpdir(), "faultline-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const socketPath = join(folder, "s");
  const seen = await serve(createServer(), answerHello, socketPath);
  const target = { url: "http://shop.test", socketPath, tls: null };
  const counts = totals((await runLoad({ ...overTcp(1), target }, 300)).all);
  expect(counts.ok).toBe(counts.scheduled);
  expect(seen.seen[0]?.[":authority"]).toBe("shop.test");
});

test("over TLS the handshake agrees on HTTP/2, and the certificate is checked", async () => {
  const target = await serve(createSecureServer(identity));
  const good = totals((await runLoad(overTls(target.port, { ca: pem("ca.pem") }), 400)).all);
  expect(good.ok).toBe(good.scheduled);
  expect(target.seen[0]?.[":scheme"]).toBe("https");
  const unknown = await runLoad(overTls(target.port, {}), 300);
  expect(totals(unknown.all).refused).toBe(totals(unknown.all).scheduled);
  expect(Object.keys(unknown.reasons)).toEqual(["TLS: certificate of an unknown authority"]);
  const other = await runLoad(overTls(target.port, { ca: pem("ca.pem"), servername: "other.test" }), 300);
  expect(Object.keys(other.reasons)).toEqual(["TLS: certificate is for another host"]);
});

test("a server that does not agree on HTTP/2 gets no request", async () => {
  let requests = 0;
  const server = createHttpsServer(identity, (_, response) => {
    requests++;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // Listening on a port, so an address is an object.
  const { port } = server.address() as AddressInfo;
  const measured = await runLoad(overTls(port, { ca: pem("ca.pem") }), 300);
  const counts = totals(measured.all);
  expect(counts.refused).toBe(counts.scheduled);
  for (const reason of Object.keys(measured.reasons)) {
    expect(["TLS: the server did not choose HTTP/2", "TLS: tlsv1 alert no application protocol"]).toContain(
      reason,
    );
  }
  expect(requests).toBe(0);
});

test("auto takes HTTP/2 where the handshake agrees on it, and HTTP/1.1 elsewhere", async () => {
  const both = await serve(createSecureServer({ ...identity, allowHTTP1: true }));
  const auto = { protocol: "auto", pipelining: 1 } as const;
  const measured = await runLoad(overTls(both.port, { ca: pem("ca.pem") }, auto), 400);
  expect(totals(measured.all).ok).toBe(totals(measured.all).scheduled);
  expect(both.seen).toHaveLength(totals(measured.all).scheduled);
  expect(both.sessions()).toBe(1);

  const versions = new Set<string>();
  const server = createHttpsServer(identity, (incoming, response) => {
    versions.add(incoming.httpVersion);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const counts = totals((await runLoad(overTls(port, { ca: pem("ca.pem") }, auto), 400)).all);
  expect(counts.ok).toBe(counts.scheduled);
  expect([...versions]).toEqual(["1.1"]);
});

test.each([0, 100])("a server may have a table of headers of %d bytes", async (headerTableSize) => {
  const target = await serve(createServer({ settings: { headerTableSize } }));
  const { all, reasons } = await runLoad(overTcp(target.port), 400);
  const counts = totals(all);
  expect(counts.ok, JSON.stringify(reasons)).toBe(counts.scheduled);
  expect(target.sessions()).toBeLessThan(10);
});

test("two threads share the connections, and each value is sent once", async () => {
  const target = await serve(createServer());
  const mix = { kind: "requests", requests: [request({ path: "/${seq}" })] } as const;
  const measured = await runLoad(overTcp(target.port, { workers: 2, model: openModel(100), mix }), 600);
  const counts = totals(measured.all);
  expect(counts.ok).toBe(counts.scheduled);
  expect(new Set(target.seen.map((headers) => headers[":path"])).size).toBe(counts.scheduled);
  expect(target.sessions()).toBe(2);
});

test.each([
  ["Upgrade", "websocket"],
  ["TE", "gzip"],
])("the header %s, which HTTP/2 does not have, is refused before the load", async (name, value) => {
  const requests = [request({ headers: { [name]: value } })];
  const plan = overTcp(1, { mix: { kind: "requests", requests } });
  await expect(startLoad({ plan })).rejects.toMatchObject({
    code: "SCENARIO_INVALID",
    message: expect.stringContaining(`HTTP/2 has no header "${name.toLowerCase()}"`),
  });
});

test("each request has a trace id of its own, also when it goes out with others", async () => {
  const target = await serve(createServer());
  const tracing = { sampling: 1, traceLink: null, runKey: "ab".repeat(16) };
  const measured = await runLoad(overTcp(target.port, { tracing }), 400);
  const ids = target.seen.map(({ traceparent }) => String(traceparent));
  expect(ids).toHaveLength(totals(measured.all).scheduled);
  for (const id of ids) expect(id).toMatch(/^00-(ab){8}([0-9a-f]{16})-\2-01$/);
  expect(new Set(ids).size).toBe(ids.length);
});
