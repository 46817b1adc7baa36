import dns from "node:dns";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { stringify } from "yaml";
import { runExperiment } from "../../src/run/experiment.js";
import { monotonicMs } from "../../src/support/clock.js";
import { temporaryFolder } from "../helpers/faultline.js";
import { loadScenario } from "../helpers/scenario-files.js";

afterEach(() => vi.restoreAllMocks());

/** A name server that is asked for "localhost" and never answers, so that no check of it ends before its time. */
function silentNameServer(): { readonly asked: () => number } {
  const resolve = dns.lookup as unknown as (host: string, ...more: readonly unknown[]) => void;
  let asked = 0;
  const lookup = (host: string, ...more: readonly unknown[]) => {
    if (host === "localhost") asked += 1;
    else resolve(host, ...more);
  };
  vi.spyOn(dns, "lookup").mockImplementation(lookup as unknown as typeof dns.lookup);
  return { asked: () => asked };
}

test("upstreams and target are looked for together, and a run that is stopped meanwhile does not wait for them", async () => {
  const folder = await temporaryFolder();
  const file = join(folder, "scenario.yaml");
  const scenario = {
    faultline: 1,
    name: "Nobody answers",
    evidence: "observed",
    proxies: { cache: { upstream: "localhost:9" }, stock: { upstream: "localhost:9" } },
    load: { target: "http://localhost:9", rate: "10/s" },
    phases: { baseline: "3s", fault: "3s", recovery: "3s" },
    slos: ["availability >= 99%"],
    faults: [{ name: "slow cache", proxy: "cache", latency: "50ms" }],
  };
  await writeFile(file, stringify(scenario));
  const env = { ...process.env, FAULTLINE_STATE_DIR: join(folder, "state") };
  const plan = await loadScenario(file, { env, cwd: folder });
  const names = silentNameServer();
  const interrupt = new AbortController();
  const run = runExperiment({ plan, toolVersion: "0.0.0", env, interrupt: interrupt.signal }).catch(
    (error) => error,
  );
  await expect.poll(names.asked, { timeout: 10_000 }).toBeGreaterThan(0);
  const askedAtMs = monotonicMs();
  interrupt.abort("SIGINT");
  expect(await run).toMatchObject({ code: "INTERRUPTED" });
  expect(names.asked()).toBe(3);
  // The checks themselves give up after 5 s.
  expect(monotonicMs() - askedAtMs).toBeLessThan(4_000);
}, 30_000);
