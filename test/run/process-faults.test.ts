import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { stringify } from "yaml";
import { analyse } from "../../src/analysis/analyse.js";
import { placesHere } from "../../src/faults/process/control-group.js";
import { runExperiment } from "../../src/run/experiment.js";
import { testAtOnce as test } from "../helpers/at-once.js";
import { temporaryFolder } from "../helpers/faultline.js";
import { loadScenario } from "../helpers/scenario-files.js";

/** Answers, a second start after RESTART_MS; each ends by itself when nobody ends it. A hungry one keeps 2 MiB for each request. */
const DB = `
  const { existsSync, writeFileSync } = require("fs");
  const kept = [];
  const isRestart = existsSync("started");
  writeFileSync("started", "");
  setTimeout(() => process.exit(), 120_000);
  setTimeout(
    () => require("http").createServer((_, s) => {
      if (process.env.HUNGRY) kept.push(Buffer.alloc(2 << 20, 1));
      s.end("ok");
    }).listen(process.env.PORT, "127.0.0.1"),
    isRestart ? Number(process.env.RESTART_MS) : 0,
  );
`;
const canLimitMemory = placesHere("memory").some(({ version }) => version === 1) && process.getuid?.() === 0;

/** Asks the database for each answer. A careless one dies of its first failure. */
const SHOP = `
  const { createServer, get } = require("http");
  setTimeout(() => process.exit(), 120_000);
  createServer((_, answer) => {
    const asked = get(process.env.DB, { timeout: 300, agent: false }, (found) => { found.resume(); answer.end("ok"); });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", (error) => {
      if (process.env.CARELESS) throw error;
      answer.writeHead(503).end();
    });
  }).listen(process.env.PORT, "127.0.0.1");
`;

interface Shop {
  readonly faults: readonly object[];
  readonly phases?: Readonly<Record<string, string>>;
  readonly careless?: boolean;
  readonly hungry?: boolean;
  /** How long the database takes to start again. */
  readonly restartMs?: number;
}

async function runShop({ faults, phases = {}, careless = false, hungry = false, restartMs = 0 }: Shop) {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "db.cjs"), DB);
  await writeFile(join(folder, "shop.cjs"), SHOP);
  const env = { PORT: "${services.shop.port}", DB: "http://${proxies.db.listen}/" };
  const scenario = {
    faultline: 1,
    name: "A shop and its database",
    evidence: "observed",
    services: {
      db: {
        run: "node db.cjs",
        env: { PORT: "${services.db.port}", RESTART_MS: `${restartMs}`, ...(hungry ? { HUNGRY: "1" } : {}) },
        ready: "http://127.0.0.1:${services.db.port}/",
      },
      shop: {
        run: "node shop.cjs",
        env: careless ? { ...env, CARELESS: "1" } : env,
        ready: "tcp://127.0.0.1:${services.shop.port}",
      },
    },
    proxies: { db: { upstream: "127.0.0.1:${services.db.port}" } },
    load: { target: "http://127.0.0.1:${services.shop.port}", rate: "20/s", timeout: "1s" },
    phases: { warmup: "0s", baseline: "3s", fault: "8s", recovery: "4s", ...phases },
    slos: ["availability >= 50%"],
    faults,
  };
  const file = join(folder, "scenario.yaml");
  await writeFile(file, stringify(scenario));
  const env_ = { ...process.env, FAULTLINE_STATE_DIR: join(folder, "state") };
  const plan = await loadScenario(file, { env: env_, cwd: folder });
  const { record, leftBehind, release } = await runExperiment({ plan, toolVersion: "0.0.0", env: env_ });
  await release();
  expect(leftBehind).toEqual([]);
  return { record, report: analyse(record) };
}

test("a database dies behind its proxy while that is slow, and comes back: one fault of two drivers", async () => {
  const inject = [
    { service: "db", kill: "SIGKILL", restart: "3s" },
    { proxy: "db", latency: "20ms" },
  ];
  const { record, report } = await runShop({ faults: [{ name: "slow, then dead", inject }] });
  expect(record.ending).toEqual({ kind: "completed" });
  const [fault] = record.faults;
  expect(fault?.proof).toMatchObject({ proven: true, strength: "observed" });
  expect(fault?.proof?.targets.map(({ driver, target }) => `${driver} ${target}`).sort()).toEqual([
    "process db",
    "toxiproxy db",
  ]);
  // The latency was there until the end, so that is when the way back begins.
  expect(fault?.letBackAtS).toBeUndefined();
  const [told] = report.faults;
  expect(told?.findingIds).toContain("processes");
  expect(told?.findings.join(" ")).toMatch(/db was killed \(SIGKILL\) and came back after [\d.]+ s\./);
  // It refused connections because of the fault.
  expect(told?.findingIds).not.toContain("upstream_died");
  expect(told?.slos.map(({ verdict }) => verdict)).not.toContain("invalid");
  const dead = record.phases.find(({ kind }) => kind === "fault")?.upstreams?.[0];
  expect(dead?.refused).toBeGreaterThan(5);
  expect(dead?.isByFault).toBe(true);
});

test("a database that starts for longer than its fault lasts refuses connections because of the fault", async () => {
  const { record, report } = await runShop({
    faults: [{ name: "db dies", service: "db", kill: "SIGKILL", restart: "500ms" }],
    phases: { fault: "2s" },
    // On a busy machine the fault may last some seconds longer.
    restartMs: 8_000,
  });
  const [recovery] = record.phases.find(({ kind }) => kind === "recovery")?.upstreams ?? [];
  expect(recovery?.refused).toBeGreaterThan(5);
  expect(recovery?.isByFault).toBe(true);
  const [told] = report.faults;
  expect(told?.findings.join(" ")).toContain("was not ready by the end of the fault");
  expect(told?.findingIds).not.toContain("upstream_died");
});

test("a database that needs more memory than it gets is killed, comes back, and refuses connections because of the fault", async (context) => {
  if (!canLimitMemory) context.skip("a control group for memory takes root");
  const { record, report } = await runShop({
    faults: [{ name: "db short of memory", service: "db", memory: "400MiB", restart: "1s" }],
    hungry: true,
  });
  expect(record.ending).toEqual({ kind: "completed" });
  const [told] = report.faults;
  expect(told?.injection.proven, told?.injection.explanation).toBe(true);
  expect(told?.findings.join(" ")).toMatch(
    /db had at most 400 MiB of memory and used all of it; the kernel killed one of its processes, and it was started again/,
  );
  const [during] = record.phases.find(({ kind }) => kind === "fault")?.upstreams ?? [];
  expect(during?.refused).toBeGreaterThan(0);
  expect(during?.isByFault).toBe(true);
  expect(told?.findingIds).not.toContain("upstream_died");
});

test("the way back counts from when the service was started again, and what was due then is in it", async () => {
  const faults = [
    { name: "db dies", service: "db", kill: "SIGKILL", restart: "2s", slos: ["recovery < 30s"] },
  ];
  const { record, report } = await runShop({ faults });
  const [fault] = record.faults;
  const { injectedAtS, letBackAtS, removedAtS } = fault ?? {};
  expect(letBackAtS).toBeGreaterThanOrEqual((injectedAtS ?? 0) + 1.9);
  expect(letBackAtS).toBeLessThan(removedAtS ?? 0);
  const [told] = report.faults;
  expect(told?.letBackAtS).toBe(letBackAtS);
  expect(told?.recovery.explanation).toMatch(/^Back at every SLO .* after the service was started again/);
  expect(record.events.map(({ text }) => text)).toEqual(
    expect.arrayContaining(["db is gone: none of its processes is left", "db was started again"]),
  );
});

test("without restart the service stays dead and the run goes on; what depends on it and dies is told as a crash", async () => {
  const dead = { name: "db dies", service: "db", kill: "SIGKILL" };
  const { record } = await runShop({ faults: [dead], phases: { fault: "3s" } });
  expect(record.ending).toEqual({ kind: "completed" });
  expect(record.faults[0]?.proof?.proven).toBe(true);
  expect(record.services.map(({ name, exit }) => [name, exit])).toEqual([
    ["db", null],
    ["shop", null],
  ]);

  const careless = await runShop({ faults: [dead], phases: { fault: "3s" }, careless: true });
  expect(careless.record.ending).toMatchObject({ kind: "failed", code: "SERVICE_FAILED" });
  expect(careless.record.services.map(({ name, exit }) => [name, exit])).toEqual([
    ["db", null],
    ["shop", "exited with code 1"],
  ]);
  expect(careless.report.faults[0]).toMatchObject({
    verdict: "fail",
    reason: expect.stringContaining('Service "shop" exited with code 1'),
  });
});
