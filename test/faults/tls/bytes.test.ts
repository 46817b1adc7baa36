import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";
import { afterEach, expect, test } from "vitest";
import { driversFor, loadDrivers } from "../../../src/faults/compose.js";
import type { ProxySpec, ProxyTls } from "../../../src/faults/fault-driver.js";
import { RunCertificates } from "../../../src/faults/tls/certificates/run-certificates.js";
import { type TlsFault, tlsAction } from "../../../src/faults/tls-fault.js";
import { driverContext } from "../../helpers/driver-context.js";
import { hasProgram } from "../../helpers/has-program.js";

/** Proxies that know no protocol: TLS with anything in it. */

const authority = await RunCertificates.create(Date.now());
const own = await authority.issue("good", ["cache.test"]);

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const OVER_TLS: ProxyTls = {
  servesTls: true,
  upstream: { ca: authority.ca, cert: null, key: null, servername: "cache.test", verify: true },
};

async function standing(upstream: string, planned: readonly TlsFault[], tls: ProxyTls = OVER_TLS) {
  const proxies: ProxySpec[] = [{ name: "cache", listen: "127.0.0.1:0", upstream, tls }];
  const actions = planned.map((fault) => tlsAction("cache", fault));
  const faults = await loadDrivers(driversFor(actions, proxies));
  ends.push(() => faults.close());
  const names = await faults.prepare(driverContext({ proxies, actions }));
  const caFile = names.get("proxies.cache.ca") ?? "";
  const port = Number((names.get("proxies.cache.listen") ?? "").split(":")[1]);
  return { faults, port, caFile, ca: await readFile(caFile, "utf8") };
}

/** Sends these bytes, and resolves with what came back once there are as many, or the other side has ended. */
function exchanged(port: number, ca: string, bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let isSecure = false;
    const socket = connectTls({ port, host: "127.0.0.1", ca }, () => {
      isSecure = true;
      socket.write(bytes);
    });
    socket.on("data", (piece) => {
      pieces.push(piece);
      if (Buffer.concat(pieces).length >= bytes.length) socket.end();
    });
    socket.on("end", () => isSecure && resolve(Buffer.concat(pieces)));
    socket.on("error", reject);
    socket.setTimeout(30_000, () => socket.destroy(new Error("timeout")));
    ends.push(() => socket.destroy());
  });
}

/** Gives back what it gets, and ends when the client has. */
const echo = (socket: Socket) => void socket.on("error", () => {}).pipe(socket);

test.each([
  ["that speaks TLS", () => createTlsServer({ ...own, allowHalfOpen: true }, echo), OVER_TLS],
  [
    "that speaks none",
    () => createTcpServer({ allowHalfOpen: true }, echo),
    { servesTls: true, upstream: null },
  ],
] as const)("bytes cross to an upstream %s as they are, both ways", async (_, server, tls) => {
  const { port, ca } = await standing(await listening(server()), [], tls);
  const bytes = randomBytes(400_000);
  expect((await exchanged(port, ca, bytes)).equals(bytes)).toBe(true);
});

test("an upstream that is not trusted gets nothing", async () => {
  const stranger = await RunCertificates.create(Date.now());
  const upstream = await listening(createTlsServer({ ...own }, echo));
  const tls = { servesTls: true, upstream: { ...OVER_TLS.upstream!, ca: stranger.ca } };
  const { port, ca } = await standing(upstream, [], tls);
  const answer = await exchanged(port, ca, Buffer.from("PING")).catch((error: unknown) => error);
  expect(Buffer.isBuffer(answer) ? answer.length : 0).toBe(0);
});

test.each([
  ["expired", { code: "CERT_HAS_EXPIRED" }],
  ["wrong-name", { code: "ERR_TLS_CERT_ALTNAME_INVALID" }],
  ["untrusted", { code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" }],
  ["close", { code: "ECONNRESET" }],
] as const)("%s: open connections end, new ones meet it, and it is undone", async (fault, refusal) => {
  const upstream = await listening(createTlsServer({ ...own }, echo));
  const { faults, port, ca } = await standing(upstream, [fault]);
  const open = connectTls({ port, host: "127.0.0.1", ca });
  ends.push(() => open.destroy());
  await once(open, "secureConnect");
  open.write("PING");
  await once(open, "data");
  const closed = once(open, "close");
  await faults.inject([tlsAction("cache", fault)]);
  await closed;
  await expect(exchanged(port, ca, Buffer.from("PING"))).rejects.toMatchObject(refusal);
  await expect
    .poll(async () => (await faults.prove()).targets[0]?.evidence)
    .toMatchObject({ fault, handshakes: { met: 1, wentOn: 0 } });
  await faults.clear();
  expect(String(await exchanged(port, ca, Buffer.from("PING")))).toBe("PING");
});

test("clients that speak no TLS, or never come, are told what to look at", async () => {
  const upstream = await listening(createTlsServer({ ...own }, echo));
  const { faults, port } = await standing(upstream, ["expired"]);
  await faults.inject([tlsAction("cache", "expired")]);
  expect((await faults.prove()).explanation).toBe(
    "no client ever began a TLS handshake with cache: is the service's address set from ${proxies.cache.listen}?",
  );
  const plain = await import("node:net").then(({ connect }) => connect(port, "127.0.0.1"));
  ends.push(() => plain.destroy());
  plain.on("error", () => {});
  plain.write("*1\r\n$4\r\nPING\r\n");
  await expect
    .poll(async () => (await faults.prove()).explanation)
    .toBe("1 connection to cache spoke no TLS: is the service set to speak TLS there?");
});

test.skipIf(!hasProgram("redis-server", "apt-get install redis-server"))(
  "a real Redis over TLS: its client notices each bad certificate",
  { timeout: 60_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "faultline-redis-"));
    ends.push(() => rmSync(folder, { recursive: true, force: true }));
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
      return join(folder, name);
    };
    const probe = createTcpServer();
    const address = await listening(probe);
    probe.close();
    const server = spawn(
      "redis-server",
      [
        ...["--port", "0", "--tls-port", address.split(":")[1] ?? "", "--bind", "127.0.0.1", "--save", ""],
        ...["--tls-cert-file", file("redis.pem", own.cert), "--tls-key-file", file("redis.key", own.key)],
        ...["--tls-ca-cert-file", file("ca.pem", authority.ca), "--tls-auth-clients", "no", "--dir", folder],
      ],
      { stdio: "ignore" },
    );
    const gone = once(server, "exit");
    ends.push(async () => {
      server.kill();
      await gone;
    });
    const { faults, port, caFile } = await standing(address, ["expired", "untrusted"]);
    const ask = () => {
      const command = ["-h", "127.0.0.1", "-p", String(port), "--tls", "--cacert", caFile, "PING"];
      const { stdout, stderr } = spawnSync("redis-cli", command, { encoding: "utf8", timeout: 10_000 });
      return stdout + stderr;
    };
    await expect.poll(ask, { timeout: 30_000, interval: 200 }).toBe("PONG\n");
    for (const fault of ["expired", "untrusted"] as const) {
      await faults.inject([tlsAction("cache", fault)]);
      expect(ask()).toMatch(/certificate verify failed/);
      await expect.poll(async () => (await faults.prove()).proven).toBe(true);
      await faults.clear();
    }
    expect(ask()).toBe("PONG\n");
  },
);
