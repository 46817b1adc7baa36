import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { expect, test as oneTest } from "vitest";
import type { LoadPlan } from "../../../src/plan/load-plan.js";
import { onTestFinished, testAtOnce } from "../../helpers/at-once.js";
import { loadOf, openCrew } from "../../helpers/crews.js";
import { answer, framed, startGrpcServer } from "../../helpers/grpc-server.js";
import { closedModel, loadPlan, openModel, request, totals } from "../../helpers/load-plans.js";
import { quoteCall } from "../../helpers/protos.js";
import { hasNats, startNats, startWorkers } from "../../helpers/real-nats.js";

/** What goes over HTTP/2 goes through workers as all else does. */

const test = hasNats ? testAtOnce : (name: string) => oneTest.skip(name, () => {});

/** By two workers, until the target has had so many. @returns what the load says of them, whole. */
async function byTwo(plan: LoadPlan, had: () => number) {
  const nats = await startNats();
  await startWorkers(nats.url, ["a", "b"]);
  const { crew } = await openCrew(nats.url, { expect: 2 });
  const session = await loadOf(crew, plan);
  await session.begin({ id: "only", limits: [] });
  while (had() < 60) await new Promise((resolve) => setTimeout(resolve, 20));
  await session.end();
  const { all } = await session.drain("only");
  return totals(all);
}

async function h2Target() {
  const paths: string[] = [];
  const server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => {});
  });
  server.on("stream", (stream, headers) => {
    paths.push(String(headers[":path"]));
    stream.respond({ ":status": 200 });
    stream.end("ok");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return { url: `http://127.0.0.1:${port}/`, paths };
}

for (const [name, model] of [
  ["open", openModel(60)],
  ["closed", closedModel(4)],
] as const) {
  test(`requests of HTTP/2, ${name} model`, async () => {
    const target = await h2Target();
    const mix = { kind: "requests", requests: [request({ path: "/${seq}" })] } as const;
    const plan = loadPlan(target.url, model, { mix, protocol: "h2", pipelining: 10 });
    const counts = await byTwo(plan, () => target.paths.length);
    expect(counts.ok).toBe(counts.scheduled);
    expect(target.paths).toHaveLength(counts.scheduled);
    expect(new Set(target.paths).size).toBe(counts.scheduled);
  });

  test(`calls of gRPC, ${name} model`, async () => {
    const server = await startGrpcServer((call) => answer(call, framed(Buffer.alloc(0))));
    onTestFinished(() => server.down());
    const mix = { kind: "requests", requests: [{ ...quoteCall(), weight: 1 }] } as const;
    const plan = loadPlan(server.url, model, { mix, protocol: "h2", pipelining: 10 });
    const counts = await byTwo(plan, () => server.calls);
    expect(counts.ok).toBe(counts.scheduled);
    expect(server.calls).toBe(counts.scheduled);
  });
}
