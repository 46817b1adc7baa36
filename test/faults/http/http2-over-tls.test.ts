import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { connect, constants, createSecureServer } from "node:http2";
import { createServer as createHttpsServer, request as requestOverTls } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { driversFor, loadDrivers } from "../../../src/faults/compose.js";
import type { ProxySpec } from "../../../src/faults/fault-driver.js";
import { type HttpRule, httpAction } from "../../../src/faults/http-rule.js";
import { RunCertificates } from "../../../src/faults/tls/certificates/run-certificates.js";
import { driverContext } from "../../helpers/driver-context.js";
import { ask2 } from "../../helpers/http2-line.js";
import { pattern } from "../../helpers/proxy-line.js";
import { hasNginx, startNginx } from "../../helpers/real-nginx.js";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const authority = await RunCertificates.create(Date.now());
const pair = await authority.issue("good", ["127.0.0.1"]);

async function listening(server: Pick<Server, "listen" | "address" | "close">): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A proxy before an upstream over TLS, with all drivers of a run. */
async function standing(port: number, { servesTls = true, ca = authority.ca } = {}) {
  const trusted = { ca, cert: null, key: null, servername: null, verify: true };
  const proxies: ProxySpec[] = [
    {
      name: "payments",
      listen: "127.0.0.1:0",
      upstream: `127.0.0.1:${port}`,
      protocol: "http",
      tls: { servesTls, upstream: trusted },
    },
  ];
  const faults = await loadDrivers(driversFor([], proxies));
  ends.push(() => faults.close());
  const names = await faults.prepare(driverContext({ proxies }));
  await faults.markBaseline();
  const url = names.get("proxies.payments.url") ?? "";
  const trust = servesTls ? readFileSync(names.get("proxies.payments.ca") ?? "", "utf8") : "";
  const session = () => {
    const one = connect(url, { ca: trust });
    one.on("error", () => {});
    ends.push(() => one.destroy());
    return one;
  };
  return { faults, url, trust, session };
}

const on = (rule: HttpRule) => [httpAction("payments", rule)];

/** The protocol that a client and the proxy agree on. */
function agreedOn(url: string, ca: string, offered: readonly string[]): Promise<string | false | null> {
  return new Promise((resolve, reject) => {
    const { hostname: host, port } = new URL(url);
    const socket = connectTls({ host, port: Number(port), ca, ALPNProtocols: [...offered] }, () => {
      resolve(socket.alpnProtocol);
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

function over1(url: string, ca: string): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    requestOverTls(url, { ca, agent: false }, (answer) => {
      let body = "";
      answer.on("data", (part) => {
        body += part;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body }));
    })
      .on("error", reject)
      .end();
  });
}

test("services are offered what the upstream speaks, and both versions reach it", async () => {
  const versions: string[] = [];
  const server = createSecureServer({ ...pair, allowHTTP1: true }, (request, response) => {
    versions.push(request.httpVersion);
    response.end(request.httpVersion);
  });
  const { faults, url, trust, session } = await standing(await listening(server));
  expect(await agreedOn(url, trust, ["h2", "http/1.1"])).toBe("h2");
  expect(await agreedOn(url, trust, ["http/1.1"])).toBe("http/1.1");
  await faults.inject(on({ status: 503, every: 2 }));
  const first = await ask2(session());
  expect([first.status, first.body.toString()]).toEqual([200, "2.0"]);
  expect((await over1(url, trust)).status).toBe(503);
  expect(await over1(url, trust)).toEqual({ status: 200, body: "1.1" });
  expect((await ask2(session())).status).toBe(503);
  expect(versions).toEqual(["2.0", "1.1"]);
  expect(await faults.prove()).toMatchObject({
    proven: true,
    explanation: "payments: acted on 2 of 4 requests",
  });
});

test("an upstream that speaks HTTP/1.1 alone is all that services are offered", async () => {
  const server = createHttpsServer(pair, (_, response) => response.end("one"));
  const { url, trust } = await standing(await listening(server));
  expect(await agreedOn(url, trust, ["h2", "http/1.1"])).toBe("http/1.1");
  expect(await over1(url, trust)).toEqual({ status: 200, body: "one" });
});

test("HTTP/2 with prior knowledge before an upstream of HTTP/1.1 over TLS does not hang, and the proof says it", async () => {
  const server = createHttpsServer(pair, (_, response) => response.end("one"));
  const { faults, session } = await standing(await listening(server), { servesTls: false });
  await faults.inject(on({ status: 503 }));
  const answer = await ask2(session());
  expect(answer.status).toBe(0);
  expect(answer.tookMs).toBeLessThan(5_000);
  expect(await faults.prove()).toMatchObject({
    proven: false,
    explanation: expect.stringContaining("the client spoke HTTP/2, and the upstream does not"),
  });
});

test("a rule that cannot be done over HTTP/2 is said, and proves nothing", async () => {
  const server = createSecureServer(pair, (_, response) => response.end("two"));
  const { faults, session } = await standing(await listening(server));
  await faults.inject(on({ slowHeadersMs: 1_000 }));
  expect((await ask2(session())).status).toBe(200);
  expect(await faults.prove()).toMatchObject({
    proven: false,
    explanation: expect.stringContaining("1 request came over HTTP/2, where `slowHeaders` does nothing"),
  });
});

test("an upstream that was not there at first is asked again", async () => {
  const server = createSecureServer(pair, (_, response) => response.end("two"));
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  const { url, trust, session } = await standing(port);
  expect(await agreedOn(url, trust, ["h2", "http/1.1"])).toBe("http/1.1");
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  expect(await agreedOn(url, trust, ["h2", "http/1.1"])).toBe("h2");
  expect((await ask2(session())).status).toBe(200);
});

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/tls/${name}`, import.meta.url));

test.skipIf(!hasNginx)("NGINX with HTTP/2 over TLS stands behind a proxy with rules", async () => {
  const file = pattern(1_000_000);
  const { port, log } = await startNginx((folder) => {
    for (const name of ["server.key", "server.pem"]) copyFileSync(fixture(name), join(folder, name));
    writeFileSync(join(folder, "file"), file);
    return {
      logFormat: "$server_protocol $status",
      listen: "ssl http2",
      server: `ssl_certificate ${folder}/server.pem; ssl_certificate_key ${folder}/server.key;
    location / { default_type text/plain; return 200 "hello"; }
    location /file { root ${folder}; }`,
    };
  });
  const { faults, session } = await standing(port, { ca: readFileSync(fixture("ca.pem"), "utf8") });
  const one = session();
  const files = await Promise.all(Array.from({ length: 20 }, () => ask2(one, { ":path": "/file" })));
  expect(files.every(({ status, body }) => status === 200 && body.equals(file))).toBe(true);
  expect(log()).toEqual(Array.from({ length: 20 }, () => "HTTP/2.0 200"));
  await faults.inject([...on({ status: 503, first: 3, path: "/" }), ...on({ cut: 0.5, path: "/file" })]);
  const texts = await Promise.all(Array.from({ length: 20 }, () => ask2(one)));
  expect(texts.filter(({ status }) => status === 503)).toHaveLength(3);
  const cut = await ask2(one, { ":path": "/file" });
  expect(cut.reset).toBe(constants.NGHTTP2_INTERNAL_ERROR);
  expect(cut.body.equals(file.subarray(0, 500_000))).toBe(true);
  expect(await faults.prove()).toMatchObject({ proven: true });
  await faults.clear();
  expect((await ask2(one, { ":path": "/file" })).body.equals(file)).toBe(true);
});
