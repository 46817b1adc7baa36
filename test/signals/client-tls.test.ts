import { readFileSync } from "node:fs";
import { createServer as createPlainServer } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { SignalSpec } from "../../src/plan/signals/signal-spec.js";
import type { ReadSignal } from "../../src/signals/signal-source.js";
import { openSource } from "../../src/signals/sources.js";
import { monotonicMs, sleep } from "../../src/support/clock.js";
import type { ClientTls } from "../../src/support/outside/bounded-request.js";
import { SURROUNDINGS } from "../helpers/signal-surroundings.js";

const pem = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), "utf8");
const AUTHORITY: ClientTls = { ca: pem("ca.pem"), cert: null, key: null, servername: null, verify: true };
const MUTUAL: ClientTls = { ...AUTHORITY, cert: pem("client.pem"), key: pem("client.key") };

/** What servers of each kind say, as far as one look needs it. */
const ANSWERS: Readonly<Record<string, string>> = {
  "/depth": "7",
  "/metrics": "queue 7\n",
  "/api/v2/alerts": "[]",
  "/api/v1/targets": JSON.stringify({
    status: "success",
    data: { activeTargets: [{ labels: {}, scrapeInterval: "7s" }] },
  }),
  "/api/v1/query": JSON.stringify({ status: "success", data: { resultType: "vector", result: [] } }),
};

const answer = (path: string | undefined) => ANSWERS[path?.split("?")[0] ?? ""] ?? "";

/** A server that asks each client for a certificate of its authority. */
async function mutualServer(): Promise<string> {
  const server = createServer(
    {
      key: pem("server.key"),
      cert: pem("server.pem"),
      ca: pem("ca.pem"),
      requestCert: true,
      rejectUnauthorized: true,
    },
    (request, response) => response.end(answer(request.url)),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on TCP
}

async function plainServer(): Promise<string> {
  const server = createPlainServer((_, response) => response.end("7"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on TCP
}

/** The first look that tells anything. */
async function firstLook(source: SignalSpec["source"], value: string): Promise<ReadSignal> {
  const spec: SignalSpec = {
    name: "s",
    source,
    reads: { of: "values", value },
    everyMs: 200,
    timeoutMs: 20_000,
  };
  const opened = await openSource(spec, SURROUNDINGS);
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const fromMs = monotonicMs();
  void opened.start(stop.signal);
  for (;;) {
    const read = await opened.between(fromMs - 1, monotonicMs(), stop.signal);
    if (read.samples.length > 0 || read.troubles.some(({ id }) => id !== "gap")) return read;
    if (monotonicMs() > fromMs + 60_000) throw new Error("nothing was read");
    await sleep(50);
  }
}

const endpoint = (kind: "http" | "metrics", url: string, tls: ClientTls | null) =>
  ({ kind, url, headers: {}, tls }) as const;

test("each kind of server is read with an authority and a certificate of one's own", async () => {
  const url = await mutualServer();
  const page = await firstLook(endpoint("http", `${url}/depth`, MUTUAL), "");
  expect(page.samples[0]).toMatchObject({ value: 7 });
  const metrics = await firstLook(endpoint("metrics", `${url}/metrics`, MUTUAL), "queue");
  expect(metrics.samples[0]).toMatchObject({ value: 7 });
  const alerts = { kind: "alerts", alert: "Down", prometheus: null, headers: {}, tls: MUTUAL } as const;
  const alert = await firstLook({ ...alerts, alertmanager: url }, "Down");
  expect(alert.samples[0]).toMatchObject({ value: 0 });
  const prometheus = { kind: "prometheus", url, headers: {}, tls: MUTUAL } as const;
  const reads = { of: "values", value: "queue" } as const;
  const spec: SignalSpec = { name: "s", source: prometheus, reads, everyMs: null, timeoutMs: 20_000 };
  const opened = await openSource(spec, SURROUNDINGS);
  expect(await opened.everyMs(new AbortController().signal)).toBe(7_000);
});

test.each([
  ["no authority", { ...MUTUAL, ca: null }, "its certificate is of an authority that is not trusted"],
  [
    "no certificate of its own",
    AUTHORITY,
    "it asks for a client's certificate, and refuses this one or none",
  ],
  ["another name", { ...MUTUAL, servername: "other.test" }, "its certificate is for another name"],
  ["none of all", null, "its certificate is of an authority that is not trusted"],
] as const)("a client with %s reads nothing, and says why", async (_, tls, reason) => {
  const { troubles, samples } = await firstLook(endpoint("http", `${await mutualServer()}/depth`, tls), "");
  expect(samples).toEqual([]);
  expect(troubles).toMatchObject([{ id: "no_answer", facts: { reason: expect.stringContaining(reason) } }]);
});

test("the check of the server's certificate can be switched off", async () => {
  const url = await mutualServer();
  const unchecked = { ...MUTUAL, ca: null, verify: false };
  expect((await firstLook(endpoint("http", `${url}/depth`, unchecked), "")).samples[0]).toMatchObject({
    value: 7,
  });
});

test("a server without TLS is told apart", async () => {
  const { troubles } = await firstLook(endpoint("http", await plainServer(), MUTUAL), "");
  expect(troubles).toMatchObject([{ id: "no_answer", facts: { reason: "it speaks no TLS" } }]);
});
