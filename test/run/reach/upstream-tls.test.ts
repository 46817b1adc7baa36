import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { afterEach, expect, test } from "vitest";
import type { UpstreamTls } from "../../../src/faults/between/upstream-socket.js";
import { RunCertificates } from "../../../src/faults/tls/certificates/run-certificates.js";
import { UnreachableError } from "../../../src/run/reach/reachable.js";
import { checkUpstreamTls, watchUpstreamTls } from "../../../src/run/reach/upstream-tls.js";
import { folderWith } from "../../helpers/scenario-files.js";

const authority = await RunCertificates.create(Date.now());
const HOSTS = ["localhost", "127.0.0.1"];
const pair = await authority.issue("good", HOSTS);

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** What is found of an upstream: its message and its hint; null: nothing. */
async function found(server: Server, tls: Partial<UpstreamTls> = {}, protocol: string | null = "http") {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const upstream = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const asNode = { ca: null, cert: null, key: null, servername: null, verify: true };
  const spec = {
    name: "pay",
    listen: "",
    upstream,
    protocol: protocol ?? undefined,
    tls: { servesTls: true, upstream: { ...asNode, ...tls } },
  };
  const error = await checkUpstreamTls(spec).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error === null) return null;
  if (!(error instanceof UnreachableError)) throw error;
  expect(error).toMatchObject({ code: "UPSTREAM_UNTRUSTED", endpoint: { kind: "upstream", proxy: "pay" } });
  expect(error.message).toContain(
    `the upstream of proxy "pay", ${protocol === null ? "tls" : "https"}://${upstream}, `,
  );
  return `${error.message} ${error.hint}`;
}

const secure = (options: Parameters<typeof createHttpsServer>[0]) => createHttpsServer(options, () => {});

test("an upstream that is trusted is fine, and so is any where nothing is to be verified", async () => {
  expect(await found(secure(pair), { ca: authority.ca })).toBeNull();
  expect(await found(secure(pair), { verify: false })).toBeNull();
});

test.each([
  ["http", "h2"],
  ["grpc", "h2"],
  [null, false],
])("an upstream with protocol %s is asked for %s, as the proxy will ask", async (protocol, asked) => {
  const agreed: unknown[] = [];
  const server = createTlsServer({ ...pair, ALPNProtocols: ["h2", "http/1.1"] }, ({ alpnProtocol }) =>
    agreed.push(alpnProtocol),
  );
  expect(await found(server, { ca: authority.ca }, protocol)).toBeNull();
  expect(agreed).toEqual([asked]);
});

test("an authority that nobody knows: which one, and what to write", async () => {
  expect(await found(secure(pair))).toMatch(
    /not trusted: it is of "faultline, this run only" \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\).*tls: \{ ca: FILE \}/,
  );
});

test("a certificate for another name: which names, and what to write", async () => {
  const other = await authority.issue("good", ["pay.test", "10.0.0.1"]);
  expect(await found(secure(other), { ca: authority.ca })).toMatch(
    /for pay\.test, 10\.0\.0\.1, and not for 127\.0\.0\.1 .*tls: \{ servername: pay\.test \}/,
  );
  expect(await found(secure(other), { ca: authority.ca, servername: "pay.test" })).toBeNull();
});

test("a certificate that has expired: since when", async () => {
  const expired = await authority.issue("expired", HOSTS);
  expect(await found(secure(expired), { ca: authority.ca })).toMatch(/that expired on .* GMT .*Renew it/);
});

test.each(["TLSv1.2", "TLSv1.3"] as const)(
  "mutual TLS with %s: a client's certificate is asked for",
  async (version) => {
    const clients = await RunCertificates.create(Date.now());
    const strict = () =>
      secure({ ...pair, ca: clients.ca, requestCert: true, rejectUnauthorized: true, maxVersion: version });
    expect(await found(strict(), { ca: authority.ca })).toMatch(/refuses this client.*cert: FILE, key: FILE/);
  },
);

test("an upstream without TLS: what to write", async () => {
  expect(await found(createServer())).toMatch(/speaks no TLS .*upstream: "http:\/\/127\.0\.0\.1:\d+"/);
});

test("an upstream of bytes is told as one", async () => {
  const bytes = (server: Server) => found(server, {}, null);
  expect(await bytes(createServer())).toMatch(/tls:\/\/127.* speaks no TLS .*upstream: "127\.0\.0\.1:\d+"/);
});

test("an upstream that closes at once does not speak TLS", async () => {
  const told = /refuses this client \(the connection was closed\).*speaks TLS\?.*cert: FILE/;
  expect(await found(createTcpServer((socket) => socket.destroy()))).toMatch(told);
  expect(await found(createTcpServer((socket) => socket.resetAndDestroy()))).toMatch(told);
  // It takes what the client has to say first.
  expect(await found(createTcpServer((socket) => socket.once("data", () => socket.end())))).toMatch(told);
  expect(
    await found(createTcpServer((socket) => socket.once("data", () => socket.resetAndDestroy()))),
  ).toMatch(told);
});

test("certificates that services make are read when they are there", async () => {
  const clients = await RunCertificates.create(Date.now());
  const own = await clients.issue("good", HOSTS);
  const folder = folderWith({ "ca.pem": authority.ca, "shop.pem": own.cert });
  const [ca, cert, key] = ["ca.pem", "shop.pem", "shop.key"].map((name) => ({ file: join(folder, name) }));
  const strict = () => secure({ ...pair, ca: clients.ca, requestCert: true, rejectUnauthorized: true });
  expect(await found(strict(), { ca, cert, key })).toMatch(
    /cannot be spoken to: `tls\.key`, .*shop\.key, does not exist .*`prepare:` command/,
  );
  writeFileSync(join(folder, "shop.key"), "not yet");
  expect(await found(strict(), { ca, cert, key })).toMatch(
    /`tls\.key`, .*shop\.key, is not an unencrypted PEM private key/,
  );
  writeFileSync(join(folder, "shop.key"), own.key);
  expect(await found(strict(), { ca, cert, key })).toBeNull();
});

test("while services start, an upstream is looked at as soon as it is there", async () => {
  const spec = (upstream: string) => ({
    name: "pay",
    listen: "",
    upstream,
    tls: {
      servesTls: true,
      upstream: { ca: authority.ca, cert: null, key: null, servername: null, verify: true },
    },
  });
  const free = createServer();
  await new Promise<void>((resolve) => free.listen(0, "127.0.0.1", resolve));
  const { port } = free.address() as AddressInfo;
  await new Promise((resolve) => free.close(resolve));
  const found: string[] = [];
  const watcher = {
    untrusted: ({ code }: UnreachableError) => found.push(code),
    standing: () => {},
  };
  const watch = (signal: AbortSignal) => watchUpstreamTls([spec(`127.0.0.1:${port}`)], signal, watcher);
  const end = new AbortController();
  const waiting = watch(end.signal);
  end.abort();
  await waiting;
  const looking = watch(new AbortController().signal);
  const server = secure(await authority.issue("expired", HOSTS));
  servers.push(server);
  server.listen(port, "127.0.0.1");
  await looking;
  expect(found).toEqual(["UPSTREAM_UNTRUSTED"]);
});

test("what an upstream does that is being stopped is not told", async () => {
  const ended = new AbortController();
  const upstream = createTcpServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      ended.abort();
      socket.destroy();
    });
  });
  servers.push(upstream);
  await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
  const tls = { ca: authority.ca, cert: null, key: null, servername: null, verify: true };
  const address = `127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const told: string[] = [];
  await watchUpstreamTls(
    [{ name: "pay", listen: "", upstream: address, tls: { servesTls: true, upstream: tls } }],
    ended.signal,
    {
      untrusted: ({ message }) => told.push(message),
      standing: (error) => told.push(String(error?.message)),
    },
  );
  expect(ended.signal.aborted).toBe(true);
  expect(told).toEqual([]);
});

test("what may still pass is told while it stands: a certificate that is not made yet", async () => {
  const server = secure(pair);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const ca = join(folderWith({}), "ca.pem");
  const tls = { ca: { file: ca }, cert: null, key: null, servername: null, verify: true };
  const upstream = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stood: (string | null)[] = [];
  const watching = watchUpstreamTls(
    [{ name: "pay", listen: "", upstream, tls: { servesTls: true, upstream: tls } }],
    new AbortController().signal,
    {
      untrusted: (error) => {
        throw error;
      },
      standing: (error) => {
        stood.push(error?.message ?? null);
        if (error !== null) writeFileSync(ca, authority.ca);
      },
    },
  );
  await watching;
  expect(stood).toEqual([expect.stringContaining(`\`tls.ca\`, ${ca}, does not exist`), null]);
});
