import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openFaultPlane } from "../../src/faults/toxiproxy/open.js";
import { buildActions } from "../../src/plan/build-actions.js";
import { fault } from "../../src/scenario/schema/fault.js";
import { hold, ProxyBench, pattern, sleep } from "../helpers/proxy-line.js";
import { hasToxiproxy, type RealToxiproxy, startToxiproxyServer } from "../helpers/real-toxiproxy.js";

const hasRealServer = hasToxiproxy("toxiproxy-server");
let bench: ProxyBench;
beforeAll(async () => {
  bench = await ProxyBench.open();
});
afterAll(() => bench.close());

/** A connection with a partition on it, and what each side sent into it. */
async function cut(toxiproxyUrl: string | null, more: object) {
  const plane = await openFaultPlane({ toxiproxyUrl, seed: 1 });
  const up = await bench.upstream(hold);
  const listens = await plane.createProxies([{ name: "cache", listen: "127.0.0.1:0", upstream: up.address }]);
  const client = await bench.client(listens.get("cache") ?? "");
  const service = await up.next();
  client.socket.write(pattern(1000, 1));
  await service.got(1000);
  await plane.markBaseline();
  const input = fault.parse({ name: "cut", proxy: "cache", partition: "both", ...more });
  await plane.inject(buildActions(input).actions);
  // More than a proxy reads at once: the rest waits at the sender.
  client.socket.write(pattern(400_000, 2));
  service.socket.write(pattern(300_000, 3));
  await sleep(400);
  return { plane, client, service, arrived: { up: service.received, down: client.received } };
}

describe.each([
  { server: "the embedded server", isReal: false },
  { server: "a real Toxiproxy", isReal: true },
])("a partition on $server", ({ isReal }) => {
  let server: RealToxiproxy | null = null;
  beforeAll(async () => {
    if (isReal && hasRealServer) server = await startToxiproxyServer();
  });
  afterAll(() => {
    server?.process.kill();
  });

  test.skipIf(isReal && !hasRealServer)(
    "that resumes keeps the connection, and all that was sent comes through in order",
    async () => {
      const { plane, client, service, arrived } = await cut(server?.url ?? null, { heal: "resume" });
      expect(arrived).toEqual({ up: 1000, down: 0 });
      const proof = await plane.prove();
      expect(proof.proven, proof.explanation).toBe(true);
      if (!isReal) expect(proof.explanation).toMatch(/^cache: latency upstream acted on 1 of 1 connection/);
      await plane.clear();
      await service.got(401_000, 10_000);
      await client.got(300_000, 10_000);
      expect(service.bytes.equals(Buffer.concat([pattern(1000, 1), pattern(400_000, 2)]))).toBe(true);
      expect(client.bytes.equals(pattern(300_000, 3))).toBe(true);
      client.socket.write("more");
      await service.got(401_004);
      expect([client.ended, service.ended]).toEqual([null, null]);
      await plane.close();
    },
    30_000,
  );

  test.skipIf(isReal && !hasRealServer)(
    "that does not say so closes it, and nothing of what was sent comes through",
    async () => {
      const { plane, client, service } = await cut(server?.url ?? null, {});
      await plane.clear();
      await Promise.all([client.closed(), service.closed()]);
      expect([service.received, client.received]).toEqual([1000, 0]);
      await plane.close();
    },
    30_000,
  );
});
