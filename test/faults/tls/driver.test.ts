import { existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { Agent, createServer as createHttpsServer, request } from "node:https";
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from "node:net";
import { dirname } from "node:path";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { afterEach, expect, test } from "vitest";
import { driversFor, loadDrivers } from "../../../src/faults/compose.js";
import type { ProxySpec, ProxyTls } from "../../../src/faults/fault-driver.js";
import { RunCertificates } from "../../../src/faults/tls/certificates/run-certificates.js";
import { type TlsFault, tlsAction } from "../../../src/faults/tls-fault.js";
import { driverContext } from "../../helpers/driver-context.js";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const SERVED: ProxyTls = { servesTls: true, upstream: null };

async function listening<S extends Server>(server: S): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function standing({
  upstream,
  tls = SERVED,
  faults: planned = [],
}: {
  readonly upstream?: string;
  readonly tls?: ProxyTls;
  readonly faults?: readonly TlsFault[];
} = {}) {
  const at =
    upstream ??
    (await listening(createServer((request, response) => response.end(`${request.method} ${request.url}`))));
  const proxies: ProxySpec[] = [
    { name: "payments", listen: "127.0.0.1:0", upstream: at, protocol: "http", tls },
  ];
  const actions = planned.map((fault) => tlsAction("payments", fault));
  const faults = await loadDrivers(driversFor(actions, proxies));
  ends.push(() => faults.close());
  const names = await faults.prepare(driverContext({ proxies, actions }));
  const url = names.get("proxies.payments.url") ?? "";
  const environment = await faults.serviceEnvironment({});
  return { faults, names, url, environment };
}

/** A client of its own: one request, as the certificate of the run is trusted, or not looked at. */
function get(
  url: string,
  options: {
    readonly ca?: string;
    readonly rejectUnauthorized?: boolean;
    readonly agent?: Agent;
    readonly timeout?: number;
  } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false, timeout: 5_000, ...options }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (piece) => {
        text += piece;
      });
      answer.on("end", () => resolve(text));
    });
    sent.on("error", reject);
    sent.on("timeout", () => sent.destroy(new Error("timeout")));
    sent.end();
  });
}

const readCa = (names: ReadonlyMap<string, string>) =>
  readFile(names.get("proxies.payments.ca") ?? "", "utf8");

test("clients that trust the authority of the run connect over TLS", async () => {
  const { url, names } = await standing();
  expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  expect(await get(`${url}/charges`, { ca: await readCa(names) })).toBe("GET /charges");
  await expect(get(url)).rejects.toMatchObject({ code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
});

test.each([
  ["expired", "CERT_HAS_EXPIRED"],
  ["wrong-name", "ERR_TLS_CERT_ALTNAME_INVALID"],
  ["untrusted", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
] as const)("%s: clients that verify fail, those that do not go on", async (fault, code) => {
  const { faults, url, names } = await standing({ faults: [fault] });
  const ca = await readCa(names);
  await faults.inject([tlsAction("payments", fault)]);
  await expect(get(url, { ca })).rejects.toMatchObject({ code });
  expect(await get(url, { ca, rejectUnauthorized: false })).toBe("GET /");
  await expect
    .poll(async () => (await faults.prove()).targets[0]?.evidence)
    .toMatchObject({ fault, handshakes: { met: 2, closed: 1, wentOn: 1, open: 0, notTls: 0 } });
  expect(await faults.prove()).toMatchObject({ strength: "observed", proven: true });
  await faults.clear();
  expect(await get(url, { ca })).toBe("GET /");
});

test("a client that refuses with an alert is counted by the alert's name", async () => {
  const { faults, url } = await standing({ faults: ["expired"] });
  await faults.inject([tlsAction("payments", "expired")]);
  await alertTo(url, CERTIFICATE_EXPIRED);
  await expect
    .poll(async () => (await faults.prove()).explanation)
    .toBe("1 handshake with payments met the expired certificate: 1 refused it (certificate expired)");
});

/** Fatal, number 45 (RFC 5246, section 7.2), in a record of TLS 1.2. */
const CERTIFICATE_EXPIRED = Buffer.from([21, 3, 3, 0, 2, 2, 45]);

/** Says hello as a client of TLS 1.2 does, and answers what comes back with this record. */
async function alertTo(url: string, record: Buffer): Promise<void> {
  const { hostname, port } = new URL(url);
  const raw = connect(Number(port), hostname);
  ends.push(() => raw.destroy());
  const hello = await firstBytes();
  raw.write(hello);
  await new Promise((resolve) => raw.once("data", resolve));
  raw.end(record);
}

/** The first bytes of a TLS client. */
function firstBytes(): Promise<Buffer> {
  return new Promise((resolve) => {
    const server = createTcpServer((socket) => socket.once("data", resolve));
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      const client = connectTls({ port, host: "127.0.0.1", maxVersion: "TLSv1.2" });
      client.on("error", () => {});
      ends.push(
        () => client.destroy(),
        () => server.close(),
      );
    });
  });
}

test("hang: no handshake is answered until the fault ends", async () => {
  const { faults, url, names } = await standing({ faults: ["hang"] });
  const ca = await readCa(names);
  await faults.inject([tlsAction("payments", "hang")]);
  const patient = get(url, { ca });
  patient.catch(() => {});
  await expect(get(url, { ca, timeout: 300 })).rejects.toThrow("timeout");
  await expect
    .poll(async () => (await faults.prove()).targets[0]?.evidence)
    .toMatchObject({ handshakes: { met: 2, closed: 1, open: 1, wentOn: 0 } });
  const { explanation } = await faults.prove();
  expect(explanation).toMatch(
    /^2 handshakes with payments not answered, 1 given up after \d+ ms, 1 still waiting$/,
  );
  await faults.clear();
  await expect(patient).rejects.toThrow();
  expect(await get(url, { ca })).toBe("GET /");
});

test("close: each connection is closed when its handshake begins", async () => {
  const { faults, url, names } = await standing({ faults: ["close"] });
  const ca = await readCa(names);
  await faults.inject([tlsAction("payments", "close")]);
  await expect(get(url, { ca })).rejects.toThrow();
  expect((await faults.prove()).explanation).toBe("1 handshake with payments cut off");
});

test("connections that are open are closed as the fault begins, so that clients shake hands again", async () => {
  const { faults, url, names } = await standing({ faults: ["expired"] });
  const ca = await readCa(names);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  ends.push(() => agent.destroy());
  const kept = { ca, agent };
  expect(await get(url, kept)).toBe("GET /");
  expect(await get(url, kept)).toBe("GET /");
  const [socket] = Object.values(agent.freeSockets).flat();
  expect(socket?.destroyed).toBe(false);
  await faults.inject([tlsAction("payments", "expired")]);
  await expect.poll(() => socket?.destroyed).toBe(true);
  await expect(get(url, kept)).rejects.toMatchObject({ code: "CERT_HAS_EXPIRED" });
});

test("a handshake that began before the fault ends as it began, and its connection is closed then", async () => {
  const { faults, url, names } = await standing({ faults: ["expired"] });
  const { port } = new URL(url);
  let release = () => {};
  // Connects at once, and holds what the client sends.
  const relay = await listening(
    createTcpServer((client) => {
      const onward = connect(Number(port), "127.0.0.1");
      ends.push(() => onward.destroy());
      onward.pipe(client);
      onward.on("error", () => client.destroy());
      release = () => client.pipe(onward);
    }),
  );
  const client = connectTls({
    host: "127.0.0.1",
    port: Number(relay.split(":")[1]),
    ca: await readCa(names),
  });
  ends.push(() => client.destroy());
  const shaken = new Promise((resolve, reject) =>
    client.once("secureConnect", resolve).once("error", reject),
  );
  const closed = new Promise((resolve) => client.once("close", resolve));
  // By then what ends TLS has taken the connection.
  await new Promise((resolve) => setTimeout(resolve, 500));
  await faults.inject([tlsAction("payments", "expired")]);
  release();
  await shaken;
  client.resume();
  await closed;
  await faults.clear();
});

test("a fault that met no handshake proves nothing, and says why", async () => {
  const { faults, url, names } = await standing({ faults: ["expired"] });
  const inject = () => faults.inject([tlsAction("payments", "expired")]);
  await inject();
  expect(await faults.prove()).toMatchObject({
    proven: false,
    explanation:
      "no client ever began a TLS handshake with payments: is the service's address set from ${proxies.payments.url}?",
  });
  await faults.clear();
  await get(url, { ca: await readCa(names) });
  await inject();
  expect((await faults.prove()).explanation).toContain("1 handshake with payments before, none while");
  await faults.clear();
  await inject();
  await fetch(url.replace("https:", "http:")).catch(() => {});
  await expect
    .poll(async () => (await faults.prove()).explanation)
    .toContain("1 connection to payments spoke no TLS");
});

test("each stage has to have met a handshake", async () => {
  const { faults, url, names } = await standing({ faults: ["expired", "close"] });
  const ca = await readCa(names);
  await faults.inject([tlsAction("payments", "expired")]);
  await get(url, { ca }).catch(() => {});
  await faults.inject([tlsAction("payments", "close")]);
  expect((await faults.prove()).proven).toBe(false);
  await get(url, { ca }).catch(() => {});
  const { proven, targets } = await faults.prove();
  expect(proven).toBe(true);
  expect(targets.map(({ evidence }) => evidence)).toMatchObject([{ fault: "expired" }, { fault: "close" }]);
});

test("an upstream over TLS is verified, with an authority and a certificate of one's own", async () => {
  const authority = await RunCertificates.create(Date.now());
  const server = await authority.issue("good", ["upstream.test"]);
  const stranger = await RunCertificates.create(Date.now());
  const upstream = await listening(
    createHttpsServer({ ...server, requestCert: true, rejectUnauthorized: false }, (request, response) => {
      // A client's certificate is a server's here; what counts is that it came.
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      response.end(`hello ${subject?.CN ?? "stranger"}`);
    }),
  );
  const plain = (tls: Partial<NonNullable<ProxyTls["upstream"]>>): ProxyTls => ({
    servesTls: false,
    upstream: { ca: authority.ca, cert: null, key: null, servername: "upstream.test", verify: true, ...tls },
  });
  const asked = async (tls: ProxyTls) => {
    const { url } = await standing({ upstream, tls });
    expect(url).toMatch(/^http:/);
    return fetch(url).then((answer) => answer.text());
  };
  expect(await asked(plain({}))).toBe("hello stranger");
  expect(await asked(plain(await authority.issue("good", ["client"])))).toBe("hello client");
  await expect(asked(plain({ ca: stranger.ca }))).rejects.toThrow();
  await expect(asked(plain({ servername: "other.test" }))).rejects.toThrow();
  expect(await asked(plain({ ca: null, servername: null, verify: false }))).toBe("hello stranger");
  const both = await standing({ upstream, tls: { ...plain({}), servesTls: true } });
  expect(await get(both.url, { ca: await readCa(both.names) })).toBe("hello stranger");
});

test("services are told of the authority, and its folder goes with the run", async () => {
  const undoable: string[] = [];
  const proxies: ProxySpec[] = [
    { name: "payments", listen: "127.0.0.1:0", upstream: "127.0.0.1:9", protocol: "http", tls: SERVED },
  ];
  const faults = await loadDrivers(driversFor([], proxies));
  ends.push(() => faults.close());
  const journal = { undoable: ({ text }: { readonly text: string }) => undoable.push(text) };
  const names = await faults.prepare(driverContext({ proxies, journal }));
  const file = names.get("proxies.payments.ca") ?? "";
  expect(await faults.serviceEnvironment({})).toMatchObject({ NODE_EXTRA_CA_CERTS: file });
  expect(undoable).toEqual([`certificate files in ${dirname(file)}`]);
  expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
  await faults.close();
  expect(existsSync(dirname(file))).toBe(false);
});

test("without TLS nothing is made, and services are told nothing", async () => {
  const proxies: ProxySpec[] = [{ name: "cache", listen: "127.0.0.1:0", upstream: "127.0.0.1:9" }];
  expect(driversFor([], proxies)).toEqual(["toxiproxy"]);
  const faults = await loadDrivers(driversFor([], proxies));
  ends.push(() => faults.close());
  await faults.prepare(driverContext({ proxies }));
  expect(await faults.serviceEnvironment({ PATH: "/bin" })).toEqual({});
});
