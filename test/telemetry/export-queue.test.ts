import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { ExportQueue } from "../../src/telemetry/export-queue.js";
import type { Exporter } from "../../src/telemetry/exporter.js";
import { post } from "../../src/telemetry/post.js";
import type { ToldItem } from "../../src/telemetry/told.js";

interface Receiver {
  readonly url: string;
  /** What it was sent, request by request. */
  readonly bodies: string[];
  readonly server: Server;
}

async function receiver(answer: (response: ServerResponse, requests: number) => void): Promise<Receiver> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part) => {
      body += part;
    });
    request.on("end", () => {
      bodies.push(body);
      answer(response, bodies.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return { url: `http://127.0.0.1:${port}/write`, bodies, server };
}

const exporterTo = (url: string): Exporter => ({
  to: url,
  sends: ["phase_over"],
  mostAtOnce: 3,
  send: async (told, stop) =>
    void (await post(url, { headers: {}, body: told.map(({ atMs }) => atMs).join(" "), stop })),
});

const told = (atMs: number): ToldItem => ({
  kind: "phase_over",
  atMs,
  phase: { id: "baseline", kind: "baseline", fault: null, trial: null, begunAtMs: 1 },
});

const fill = (queue: ExportQueue, count: number) => {
  for (let at = 1; at <= count; at++) queue.add(told(at));
};

const took = (response: ServerResponse) => response.writeHead(204).end();

test("all arrives once and in order, in as many requests as it takes; what an exporter does not send is not kept", async () => {
  const { url, bodies } = await receiver(took);
  const queue = new ExportQueue(exporterTo(url));
  fill(queue, 7);
  queue.add({ kind: "phase_begun", atMs: 8 } as ToldItem); // nothing reads the rest
  expect(await queue.finish(20_000)).toEqual({ sent: 7, dropped: 0, trouble: null });
  expect(bodies).toEqual(["1 2 3", "4 5 6", "7"]);
});

test("a receiver that cannot now gets the same again, one that refuses does not", async () => {
  const busy = await receiver((response, requests) =>
    requests === 1 ? response.writeHead(503).end("starting") : took(response),
  );
  const again = new ExportQueue(exporterTo(busy.url));
  fill(again, 2);
  await expect.poll(() => busy.bodies.length, { timeout: 20_000 }).toBe(2);
  expect(await again.finish(20_000)).toEqual({ sent: 2, dropped: 0, trouble: null });
  expect(busy.bodies).toEqual(["1 2", "1 2"]);

  const picky = await receiver((response, requests) =>
    requests === 1 ? response.writeHead(400).end("out of order\nsample") : took(response),
  );
  const once = new ExportQueue(exporterTo(picky.url));
  fill(once, 5);
  expect(await once.finish(20_000)).toEqual({
    sent: 2,
    dropped: 3,
    trouble: { id: "refused", facts: { status: 400, said: "out of order\nsample" } },
  });
  expect(picky.bodies).toEqual(["1 2 3", "4 5"]);
});

test("nobody is waited for who is not there: the end comes at once, and everything counts as dropped", async () => {
  const { url, server } = await receiver(took);
  await new Promise((resolve) => server.close(resolve));
  const queue = new ExportQueue(exporterTo(url));
  fill(queue, 5);
  const startMs = performance.now();
  expect(await queue.finish(60_000)).toEqual({
    sent: 0,
    dropped: 5,
    trouble: { id: "no_answer", facts: { reason: "nothing listens there" } },
  });
  expect(performance.now() - startMs).toBeLessThan(30_000);
});

test("a receiver that never answers makes nobody wait longer than was said, and holds no more than fits", async () => {
  const { url, bodies } = await receiver(() => {});
  const queue = new ExportQueue(exporterTo(url), 100);
  queue.add(told(0));
  await expect.poll(() => bodies.length, { timeout: 20_000 }).toBe(1);
  const startMs = performance.now();
  fill(queue, 100_000);
  // Adding waits for nobody.
  expect(performance.now() - startMs).toBeLessThan(10_000);
  const tally = await queue.finish(200);
  expect(performance.now() - startMs).toBeLessThan(20_000);
  expect(tally).toEqual({ sent: 0, dropped: 100_001, trouble: { id: "ended", facts: {} } });
});

test("what is newest stays where a receiver is too slow for all of it", async () => {
  const held: ServerResponse[] = [];
  const { url, bodies } = await receiver((response) => {
    if (held.length > 0) took(response);
    else held.push(response);
  });
  const queue = new ExportQueue(exporterTo(url), 4);
  queue.add(told(0));
  await expect.poll(() => held.length, { timeout: 20_000 }).toBe(1);
  fill(queue, 6);
  held.forEach(took);
  expect(await queue.finish(20_000)).toEqual({ sent: 4, dropped: 3, trouble: { id: "slow", facts: {} } });
  expect(bodies).toEqual(["0", "4 5 6"]);
});

test("an exporter with a mistake of its own ends no run", async () => {
  const queue = new ExportQueue({
    to: "nowhere",
    sends: ["phase_over"],
    mostAtOnce: 10,
    send: () => Promise.reject(new TypeError("x is not a function")),
  });
  fill(queue, 2);
  expect(await queue.finish(20_000)).toEqual({
    sent: 0,
    dropped: 2,
    trouble: { id: "failed", facts: { reason: "x is not a function" } },
  });
});
