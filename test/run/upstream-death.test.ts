import { writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { analyse } from "../../src/analysis/analyse.js";
import { runExperiment } from "../../src/run/experiment.js";
import { pickFreePort } from "../../src/run/reach/local-port.js";
import { temporaryFolder } from "../helpers/faultline.js";
import { loadScenario } from "../helpers/scenario-files.js";

async function listening(answer: RequestListener): Promise<{ server: Server; port: number }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Listening on a port, so an address is an object.
  return { server, port: (server.address() as AddressInfo).port };
}

test("a cache that dies by itself in the recovery is told as such, and the recovery is invalid", async () => {
  const cache = await listening((_, response) => response.end("cached"));
  const port = await pickFreePort();
  const shop = await listening(async (_, response) => {
    const found = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } }).catch(
      () => null,
    );
    response.writeHead(found?.ok ? 200 : 502).end(await found?.text());
  });
  const folder = await temporaryFolder();
  const file = join(folder, "scenario.yaml");
  const scenario = {
    faultline: 1,
    name: "The cache dies by itself",
    evidence: "observed",
    proxies: { cache: { listen: `127.0.0.1:${port}`, upstream: `127.0.0.1:${cache.port}` } },
    load: { target: `http://127.0.0.1:${shop.port}`, rate: "20/s", timeout: "3s" },
    phases: { baseline: "3s", fault: "3s", recovery: "4s" },
    slos: ["availability >= 90%", "recovery < 2s"],
    faults: [{ name: "slow cache", proxy: "cache", latency: "20ms" }],
  };
  await writeFile(file, stringify(scenario));
  const env = { ...process.env, FAULTLINE_STATE_DIR: join(folder, "state") };
  const plan = await loadScenario(file, { env, cwd: folder });
  const die = () => {
    cache.server.close();
    cache.server.closeAllConnections();
  };
  try {
    const { record } = await runExperiment({
      plan,
      toolVersion: "0.0.0",
      env,
      observer: { phaseStarted: ({ kind }) => kind === "recovery" && die() },
    });
    const recovery = record.phases.find(({ kind }) => kind === "recovery");
    expect(recovery?.upstreams?.[0]?.refused).toBeGreaterThan(20);
    const before = record.phases.filter(({ kind }) => kind !== "recovery");
    expect(before.every(({ upstreams = [] }) => upstreams.every(({ refused }) => refused === 0))).toBe(true);
    const [fault] = analyse(record).faults;
    expect(fault?.findingIds).toContain("upstream_died");
    expect(fault?.slos.find(({ phase }) => phase === "recovery")).toMatchObject({
      verdict: "invalid",
      reason: expect.stringContaining("the upstream of cache, refused"),
    });
  } finally {
    for (const { server } of [cache, shop]) {
      server.closeAllConnections();
      server.close();
    }
  }
}, 60_000);
