import { readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { expect, onTestFinished, test } from "vitest";
import { ask } from "../../src/checks/ask.js";
import { processTable } from "../../src/support/processes/process-table.js";

const context = {
  env: process.env,
  timeoutMs: 20_000,
  signal: new AbortController().signal,
  starting: <T>(start: () => T) => start(),
};

const shell = (text: string, more: Partial<typeof context> = {}) =>
  ask(
    { ask: { kind: "command", command: [text], shell: true, env: {}, cwd: tmpdir() } },
    { ...context, ...more },
  );

async function http(answer: RequestListener, more: Partial<typeof context> = {}, headers = {}) {
  const server = createServer(answer).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close(() => {}).closeAllConnections());
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  return await ask(
    { ask: { kind: "http", url: `http://127.0.0.1:${port}/`, headers, tls: null } },
    { ...context, ...more },
  );
}

test("a server that asks for a certificate is asked with one, and says what it lacks without", async () => {
  const pem = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), "utf8");
  const [ca, cert, key] = [pem("ca.pem"), pem("client.pem"), pem("client.key")];
  const own = { key: pem("server.key"), cert: pem("server.pem"), ca };
  const server = createTlsServer({ ...own, requestCert: true }, (_, response) => response.end("7"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close(() => {}).closeAllConnections());
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const tls = { ca, cert, key, servername: null, verify: true };
  const good = await ask({ ask: { kind: "http", url, headers: {}, tls } }, context);
  expect(good.kind === "answer" && good.body.toString()).toBe("7");
  const lacking = { ...tls, cert: null, key: null };
  const without = await ask({ ask: { kind: "http", url, headers: {}, tls: lacking } }, context);
  expect(without).toMatchObject({
    why: "no_answer",
    reason: expect.stringContaining("it asks for a client's certificate"),
  });
});

test("a command's stdout is its answer, and stderr is kept for who wants to see it", async () => {
  const asked = await shell("echo 12; echo a word of warning >&2; exit 3");
  expect(asked).toMatchObject({ kind: "answer", exitCode: 3, status: null });
  expect(asked.kind === "answer" && asked.body.toString()).toBe("12\n");
  expect(asked.output).toContain("a word of warning");
});

test("a command that is not there", async () => {
  const spec = {
    ask: { kind: "command", command: ["./no-such"], shell: false, env: {}, cwd: tmpdir() },
  } as const;
  expect(await ask(spec, context)).toMatchObject({ kind: "unasked", why: "not_started" });
});

test("a command that prints a gigabyte is ended when it has printed more than is read", async () => {
  const asked = await shell("echo $$; exec head -c 1000000000 /dev/zero");
  expect(asked).toMatchObject({
    kind: "unasked",
    why: "too_much",
    reason: "the command printed more than is read",
  });
});

test("a command that never ends is ended, and what it has started with it", async () => {
  const asked = await shell("sleep 300 & echo $!; wait", { timeoutMs: 500 });
  expect(asked).toMatchObject({ kind: "unasked", why: "late", reason: "the command was ended after 0.5 s" });
  const pid = Number.parseInt(asked.output, 10);
  expect(pid).toBeGreaterThan(1);
  await expect.poll(() => processTable.row(pid)?.isZombie ?? true).toBe(true);
});

test("a command that somebody else kills was not asked", async () => {
  expect(await shell("kill -9 $$")).toMatchObject({
    kind: "unasked",
    reason: "the command was killed by SIGKILL",
  });
});

test("an answer over HTTP has a status and a body, and the request its headers", async () => {
  const asked = await http(
    (request, response) => response.writeHead(418).end(String(request.headers.a)),
    {},
    { a: "b" },
  );
  expect(asked).toMatchObject({ kind: "answer", exitCode: null, status: 418, output: "b" });
});

test("an answer that does not come, or does not end", async () => {
  expect(await http(() => {}, { timeoutMs: 300 })).toMatchObject({ kind: "unasked", why: "no_answer" });
  expect(await http((_, response) => response.destroy())).toMatchObject({
    kind: "unasked",
    why: "no_answer",
  });
  const endless: RequestListener = (_, response) => {
    const send = () => {
      while (!response.destroyed && response.write("x".repeat(65_536)));
    };
    response.on("drain", send).on("error", () => {});
    send();
  };
  expect(await http(endless)).toMatchObject({ kind: "unasked", why: "too_much" });
});
