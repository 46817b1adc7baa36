import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server as HttpServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { afterEach, expect, test } from "vitest";
import { startLoad } from "../../../src/load/start-load.js";
import type { LoadPlan, TlsOptions } from "../../../src/plan/load-plan.js";
import { FaultlineError } from "../../../src/support/errors.js";
import { ok, startHostileServer } from "../../helpers/hostile-server.js";
import { everyConnectionIsKnown } from "../../helpers/known-connections.js";
import { closedModel, loadPlan, openModel, request, runLoad, totals } from "../../helpers/load-plans.js";

const pem = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url), "utf8");
const NO_TLS: TlsOptions = { ca: null, cert: null, key: null, servername: null, verify: true };
const cleanups: (() => void)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

interface TlsTarget {
  readonly port: number;
  readonly requests: () => number;
  readonly serverNames: Set<string | false | null>;
}

async function startTlsServer(options: { readonly mutual?: boolean } = {}): Promise<TlsTarget> {
  let requests = 0;
  const serverNames = new Set<string | false | null>();
  const server = createTlsServer(
    {
      key: pem("server.key"),
      cert: pem("server.pem"),
      ...(options.mutual ? { requestCert: true, rejectUnauthorized: true, ca: pem("ca.pem") } : {}),
    },
    (_, response) => {
      requests++;
      response.end("hello");
    },
  );
  server.on("secureConnection", (socket: TLSSocket & { servername?: string | false }) =>
    serverNames.add(socket.servername ?? null),
  );
  const port = await listen(server, "127.0.0.1");
  return { port, requests: () => requests, serverNames };
}

async function listen(server: HttpServer, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, resolve);
  });
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  // Listening on a port, so an address is an object.
  return (server.address() as AddressInfo).port;
}

function tlsPlan(port: number, tls: Partial<TlsOptions>): LoadPlan {
  const url = `https://127.0.0.1:${port}`;
  // A handshake takes some time on a busy machine; nothing here is about speed.
  return loadPlan(url, openModel(20), {
    target: { url, socketPath: null, tls: { ...NO_TLS, ...tls } },
    timeoutMs: 15_000,
  });
}

test("a certificate of an unknown authority is refused, and no request goes out", async () => {
  const target = await startTlsServer();
  const measured = await runLoad(tlsPlan(target.port, {}), 400);
  const counts = totals(measured.all);
  expect(counts.refused).toBe(counts.scheduled);
  expect(Object.keys(measured.reasons)).toEqual(["TLS: certificate of an unknown authority"]);
  expect(target.requests()).toBe(0);
});

test("verification can be switched off", async () => {
  const target = await startTlsServer();
  const counts = totals((await runLoad(tlsPlan(target.port, { verify: false }), 400)).all);
  expect(counts.ok).toBe(counts.scheduled);
  expect(target.requests()).toBe(counts.ok);
});

test("a CA of one's own is trusted, and kept-alive TLS connections are used again", async () => {
  const target = await startTlsServer();
  const measured = await runLoad(tlsPlan(target.port, { ca: pem("ca.pem") }), 1200);
  const counts = totals(measured.all);
  expect(counts.ok).toBe(counts.scheduled);
  expect(measured.connectionsOpened).toBeLessThan(counts.scheduled);
});

test("the server's name is sent, and the certificate is checked against it", async () => {
  const target = await startTlsServer();
  const good = await runLoad(tlsPlan(target.port, { ca: pem("ca.pem"), servername: "shop.test" }), 300);
  expect(totals(good.all).ok).toBe(totals(good.all).scheduled);
  expect([...target.serverNames]).toEqual(["shop.test"]);
  const bad = await runLoad(tlsPlan(target.port, { ca: pem("ca.pem"), servername: "other.test" }), 300);
  expect(totals(bad.all).refused).toBe(totals(bad.all).scheduled);
  expect(Object.keys(bad.reasons)).toEqual(["TLS: certificate is for another host"]);
});

test("mutual TLS works with a client certificate and fails without, each request with its reason", async () => {
  const target = await startTlsServer({ mutual: true });
  const withCertificate = tlsPlan(target.port, {
    ca: pem("ca.pem"),
    cert: pem("client.pem"),
    key: pem("client.key"),
  });
  const good = totals((await runLoad(withCertificate, 400)).all);
  expect(good.ok).toBe(good.scheduled);
  const measured = await runLoad(tlsPlan(target.port, { ca: pem("ca.pem") }), 400);
  const bad = totals(measured.all);
  expect(bad.ok).toBe(0);
  expect(bad.refused + bad.reset).toBe(bad.scheduled);
  expect(Object.values(measured.reasons).reduce((sum, count) => sum + count, 0)).toBe(bad.scheduled);
});

test("a target that does not speak TLS is told apart", async () => {
  const plain = await startHostileServer({
    onRequest: () => {},
    onConnection: (socket) => socket.end("hello\r\n"),
  });
  cleanups.push(() => void plain.down());
  const measured = await runLoad(tlsPlan(plain.port, {}), 300);
  const counts = totals(measured.all);
  expect(counts.refused).toBe(counts.scheduled);
  expect(Object.keys(measured.reasons)).toEqual(["TLS: wrong version number"]);
});

test("unix sockets work", async () => {
  const folder = mkdtempSync(join(tmpdir(), "faultline-"));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const socketPath = join(folder, "s");
  const hosts = new Set<string | undefined>();
  const server = createServer((incoming, response) => {
    hosts.add(incoming.headers.host);
    response.end("hello");
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  cleanups.push(() => server.close());
  const target = { url: "http://shop.test", socketPath, tls: null };
  const counts = totals((await runLoad(loadPlan(target.url, closedModel(2, 20), { target }), 300)).all);
  expect(counts.ok).toBe(counts.scheduled);
  expect([...hosts]).toEqual(["shop.test"]);
  const gone = { ...target, socketPath: join(folder, "nobody") };
  const measured = await runLoad(loadPlan(gone.url, openModel(50), { target: gone }), 200);
  expect(measured.reasons).toEqual({ ENOENT: totals(measured.all).refused });
});

test("over a unix socket the certificate is checked against the target's name, not another", async () => {
  const folder = mkdtempSync(join(tmpdir(), "faultline-"));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const socketPath = join(folder, "s");
  const server = createTlsServer({ key: pem("server.key"), cert: pem("server.pem") }, (_, response) => {
    response.end("hello");
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const to = async (url: string) => {
    const target = { url, socketPath, tls: { ...NO_TLS, ca: pem("ca.pem") } };
    return runLoad(loadPlan(url, openModel(20), { target, timeoutMs: 15_000 }), 300);
  };
  // What the certificate is for.
  for (const url of ["https://shop.test", "https://127.0.0.1"]) {
    const counts = totals((await to(url)).all);
    expect(counts.ok).toBe(counts.scheduled);
  }
  for (const url of ["https://localhost", "https://127.0.0.2"]) {
    const measured = await to(url);
    expect(totals(measured.all).refused).toBe(totals(measured.all).scheduled);
    expect(Object.keys(measured.reasons)).toEqual(["TLS: certificate is for another host"]);
  }
});

test("IPv6 works, with the port and brackets in Host", async (context) => {
  const hosts = new Set<string | undefined>();
  const server = createServer((incoming, response) => {
    hosts.add(incoming.headers.host);
    response.end("hello");
  });
  const port = await listen(server, "::1").catch(() => null);
  if (port === null) return context.skip("no IPv6 loopback here");
  const counts = totals((await runLoad(loadPlan(`http://[::1]:${port}`, openModel(50)), 300)).all);
  expect(counts.ok).toBe(counts.scheduled);
  expect([...hosts]).toEqual([`[::1]:${port}`]);
});

test("localhost is found whichever of its addresses the target listens on", async () => {
  const server = await startHostileServer({ onRequest: (socket) => socket.write(ok()) });
  cleanups.push(() => void server.down());
  const counts = totals((await runLoad(loadPlan(`http://localhost:${server.port}`, openModel(50)), 300)).all);
  expect(counts.ok).toBe(counts.scheduled);
});

test("without keep-alive each request has a connection of its own and says so", async () => {
  const connections = new Set<string | undefined>();
  const server = createServer((incoming, response) => {
    connections.add(incoming.headers.connection);
    response.end("hello");
  });
  const port = await listen(server, "127.0.0.1");
  const plan = loadPlan(`http://127.0.0.1:${port}`, openModel(100), { keepAlive: false });
  const measured = await runLoad(plan, 400);
  const counts = totals(measured.all);
  expect(counts.ok).toBe(counts.scheduled);
  expect(measured.connectionsOpened).toBe(counts.scheduled);
  expect([...connections]).toEqual(["close"]);
});

test("without keep-alive the connection is closed also when the target would keep it", async () => {
  const server = await startHostileServer({ onRequest: (socket) => socket.write(ok()) });
  cleanups.push(() => void server.down());
  const measured = await runLoad(loadPlan(server.url, openModel(50), { keepAlive: false }), 300);
  expect(server.connections).toBe(totals(measured.all).scheduled);
  await everyConnectionIsKnown(server, measured);
});

test("what follows an answer is not taken for a part of it", async () => {
  const server = await startHostileServer({
    onRequest: (socket) => socket.write(ok("first") + ok("second")),
  });
  cleanups.push(() => void server.down());
  const wanting = (body: string) => ({ expect: { status: [200], headers: {}, body, json: {} } });
  const both = [request({ name: "a", ...wanting("first") }), request({ name: "b", ...wanting("second") })];
  const plan = loadPlan(server.url, openModel(50), { mix: { kind: "requests", requests: both } });
  const [a, b] = (await runLoad(plan, 500)).requests.map(totals);
  expect(a?.ok).toBe(a?.scheduled);
  expect(b?.http_error).toBe(b?.scheduled);
});

test.each([["Content-Length: 5000\r\n"], [""], ["Transfer-Encoding: chunked\r\n"]])(
  "HEAD is answered without waiting for a body, and keeps its connection (%j)",
  async (length) => {
    const server = await startHostileServer({
      onRequest: (socket) => socket.write(`HTTP/1.1 200 OK\r\n${length}\r\n`),
    });
    cleanups.push(() => void server.down());
    const mix = { kind: "requests", requests: [request({ method: "HEAD" })] } as const;
    const measured = await runLoad(loadPlan(server.url, closedModel(2, 10), { mix }), 300);
    expect(totals(measured.all).ok).toBe(totals(measured.all).scheduled);
    expect(measured.connectionsOpened).toBe(2);
  },
);

const CANNOT_START: readonly [string, LoadPlan, string, RegExp][] = [
  [
    "a host without an address",
    loadPlan("http://no-such-host.invalid", openModel(10)),
    "TARGET_UNREACHABLE",
    /"no-such-host.invalid" of load.target has no address/,
  ],
  [
    "another protocol",
    loadPlan("grpc://127.0.0.1:1", openModel(10)),
    "UNSUPPORTED_PROTOCOL",
    /is none of http:\/\/, https:\/\/, ws:\/\/, wss:\/\//,
  ],
  ["a rate of 0", loadPlan("http://127.0.0.1:1", openModel(0)), "SCENARIO_INVALID", /rate is never above 0/],
  [
    "no connections",
    loadPlan("http://127.0.0.1:1", closedModel(0)),
    "SCENARIO_INVALID",
    /number of connections is never above 0/,
  ],
  [
    "weights of 0",
    loadPlan("http://127.0.0.1:1", openModel(10), {
      mix: { kind: "requests", requests: [request({ weight: 0 })] },
    }),
    "SCENARIO_INVALID",
    /weight above 0/,
  ],
  [
    "a method that does not exist",
    loadPlan("http://127.0.0.1:1", openModel(10), {
      mix: { kind: "requests", requests: [request({ method: "BREW" })] },
    }),
    "SCENARIO_INVALID",
    /BREW HTTP method is not supported/,
  ],
  [
    "an unknown value",
    loadPlan("http://127.0.0.1:1", openModel(10), {
      mix: { kind: "requests", requests: [request({ path: "/${nonsense}" })] },
    }),
    "SCENARIO_INVALID",
    /"\$\{nonsense\}" in a request: it has no value/,
  ],
];

test.each(CANNOT_START)("%s is refused before the load starts", async (_, plan, code, message) => {
  const error = await startLoad({ plan }).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(FaultlineError);
  expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
});
