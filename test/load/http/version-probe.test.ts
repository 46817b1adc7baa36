import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttp2Server, createSecureServer } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer, type Server } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { prefersHttp2, refusesHttp2, speaksOnlyHttp2 } from "../../../src/load/http/version-probe.js";
import { checkTarget } from "../../../src/run/reach/reachable.js";
import { loadPlan, openModel } from "../../helpers/load-plans.js";

const pem = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url), "utf8");
const identity = { key: pem("server.key"), cert: pem("server.pem") };

async function listening(server: Pick<Server, "listen" | "address" | "close">): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  // A TCP server has an address and a port.
  return (server.address() as AddressInfo).port;
}

const TLS = { ca: null, cert: null, key: null, servername: null, verify: true };
const targetOf = (port: number, tls: typeof TLS | null) => ({
  url: `http${tls === null ? "" : "s"}://127.0.0.1:${port}`,
  socketPath: null,
  tls,
});
const plain = (port: number) => speaksOnlyHttp2(targetOf(port, null));
const secure = (port: number) => speaksOnlyHttp2(targetOf(port, TLS));

test("a server of HTTP/2 alone is known by its first word, and over TLS by what it refuses", async () => {
  expect(await plain(await listening(createHttp2Server()))).toBe(true);
  expect(await secure(await listening(createSecureServer(identity)))).toBe(true);
});

test("servers that take HTTP/1.1, others that speak first and those that hang up are not taken for one", async () => {
  const requests: string[] = [];
  const asked = createHttpServer((request, response) => {
    requests.push(request.url ?? "");
    response.end();
  });
  expect(await plain(await listening(asked))).toBe(false);
  expect(await secure(await listening(createHttpsServer(identity)))).toBe(false);
  expect(await secure(await listening(createSecureServer({ ...identity, allowHTTP1: true })))).toBe(false);
  expect(await plain(await listening(createServer((socket) => socket.end("220 mail ready\r\n"))))).toBe(
    false,
  );
  expect(await plain(await listening(createServer((socket) => socket.destroy())))).toBe(false);
  expect(await secure(await listening(createServer((socket) => socket.destroy())))).toBe(false);
  expect(requests).toEqual([]);
});

test("a run against one ends before its load with what to do", async () => {
  const port = await listening(createHttp2Server());
  await expect(checkTarget(loadPlan(`http://127.0.0.1:${port}`, openModel(1)))).rejects.toMatchObject({
    code: "TARGET_UNREACHABLE",
    message: expect.stringContaining("speaks HTTP/2 alone"),
    hint: expect.stringContaining("protocol: h2"),
  });
});

test("a server without HTTP/2 is known by its answer to the first words of HTTP/2, or by what it agrees on", async () => {
  const refused = (port: number, tls: typeof TLS | null) => refusesHttp2(targetOf(port, tls));
  const requests: string[] = [];
  const asked = createHttpServer((request, response) => {
    requests.push(request.url ?? "");
    response.end();
  });
  expect(await refused(await listening(asked), null)).toBe(true);
  expect(await refused(await listening(createHttpsServer(identity)), TLS)).toBe(true);
  expect(await refused(await listening(createHttp2Server()), null)).toBe(false);
  expect(await refused(await listening(createSecureServer(identity)), TLS)).toBe(false);
  // Nobody can tell.
  expect(await refused(await listening(createServer((socket) => socket.destroy())), null)).toBe(false);
  expect(requests).toEqual([]);
});

test("what a server prefers is what the handshake ends in", async () => {
  const preferred = (port: number) => prefersHttp2(targetOf(port, TLS));
  expect(await preferred(await listening(createSecureServer({ ...identity, allowHTTP1: true })))).toBe(true);
  expect(await preferred(await listening(createHttpsServer(identity)))).toBe(false);
  expect(await preferred(await listening(createServer((socket) => socket.destroy())))).toBe(false);
});

test("a run with HTTP/2 against a server of HTTP/1.1 ends before its load with what to do", async () => {
  const port = await listening(createHttpServer((_, response) => response.end()));
  const plan = loadPlan(`http://127.0.0.1:${port}`, openModel(1), { protocol: "h2" });
  await expect(checkTarget(plan)).rejects.toMatchObject({
    code: "TARGET_UNREACHABLE",
    message: expect.stringContaining("speaks no HTTP/2"),
    hint: expect.stringContaining("Take protocol: h2 away"),
  });
});
