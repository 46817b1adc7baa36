import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import type { RunRecord } from "../../src/measure/record.js";
import { pickFreePort } from "../../src/run/reach/local-port.js";
import { faultline, startFaultline, temporaryFolder } from "../helpers/faultline.js";
import { writeShopScenario } from "../helpers/scenarios.js";

test("an abort condition ends the run within a second of being true, and the fault is taken out", async () => {
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder, (scenario) => {
    scenario.load.target = "http://${proxies.inventory.listen}";
    scenario.load.requests = [{ name: "health", path: "/health" }];
    scenario.phases.fault = "30s";
    scenario.faults = [{ name: "inventory down", proxy: "inventory", down: true }];
    Object.assign(scenario, { abort: ["error_rate > 50% for 1s"] });
  });
  const result = await faultline(["run", file, "--json", "--out", join(folder, "out")], { cwd: folder });
  expect(result.code, result.stderr).toBe(1);
  expect(JSON.parse(result.stdout).verdict).toBe("aborted");
  const record: RunRecord = JSON.parse(await readFile(join(folder, "out", "record.json"), "utf8"));
  const [fault] = record.faults;
  const { ending } = record;
  if (ending.kind !== "aborted" || fault?.injectedAtS == null) return expect.unreachable(result.stderr);
  expect(ending.reason).toMatch(/^error_rate > 50% for 1s: \d/);
  // True half a second after the fault went in, at the earliest; seen within a second, on a busy machine.
  expect(ending.atS - fault.injectedAtS).toBeGreaterThan(0.4);
  expect(ending.atS - fault.injectedAtS).toBeLessThan(3);
  expect((fault.removedAtS ?? 99) - ending.atS).toBeLessThan(1);
});

test("Ctrl-C is obeyed at once while the last answers of a phase are waited for, and the phase is in the record", async () => {
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder, (scenario) => {
    scenario.load.target = "http://${proxies.inventory.listen}";
    scenario.load.requests = [{ name: "health", path: "/health" }];
    scenario.load.timeout = "20s";
    scenario.slos = ["availability >= 99%"];
    Object.assign(scenario.phases, { baseline: "2s", fault: "1s" });
    scenario.faults = [{ name: "inventory cut off", proxy: "inventory", partition: "both" }];
  });
  const run = startFaultline(["run", file, "--out", join(folder, "out")], { cwd: folder });
  await expect.poll(run.stderr, { timeout: 20_000 }).toContain("baseline: ");
  // The fault lasts one second; its requests hang until they time out, 20 s later.
  await pause(2_500);
  run.child.kill("SIGINT");
  const interruptedAt = performance.now();
  const { code, stderr } = await run.finished;
  expect(code, stderr).toBe(130);
  expect(performance.now() - interruptedAt).toBeLessThan(8_000);
  const record: RunRecord = JSON.parse(await readFile(join(folder, "out", "record.json"), "utf8"));
  expect(record.phases.map(({ kind }) => kind)).toEqual(["warmup", "baseline", "fault"]);
  expect(record.faults[0]?.removedAtS).not.toBeNull();
});

test("a stopped run blames the service for nothing that its own cleaning up has closed", async () => {
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder, (scenario) => {
    scenario.load.target = "http://${proxies.inventory.listen}";
    scenario.load.requests = [{ name: "health", path: "/health" }];
    scenario.load.rate = "300/s";
    scenario.load.timeout = "20s";
    scenario.slos = ["availability >= 99%"];
    Object.assign(scenario.phases, { baseline: "2s", fault: "20s" });
    scenario.faults = [{ name: "inventory cut off", proxy: "inventory", partition: "both" }];
  });
  const run = startFaultline(["run", file, "--out", join(folder, "out")], { cwd: folder });
  await expect.poll(run.stderr, { timeout: 20_000 }).toContain("baseline: ");
  await pause(1_500);
  run.child.kill("SIGINT");
  const { code, stderr } = await run.finished;
  expect(code, stderr).toBe(130);
  const record: RunRecord = JSON.parse(await readFile(join(folder, "out", "record.json"), "utf8"));
  expect(record.phases.at(-1)?.kind).toBe("fault");
  expect(record.phases.at(-1)?.reasons).toEqual({});
  expect(record.unjudged.unfinished).toBeGreaterThan(100);
});

test("a second run on the same port is refused with the first one's process and scenario", async () => {
  const folder = await temporaryFolder();
  const env = { FAULTLINE_STATE_DIR: join(folder, "state") };
  const port = await pickFreePort();
  const file = await writeShopScenario(folder, (scenario) => {
    scenario.proxies.inventory!.listen = `127.0.0.1:${port}`;
  });
  const first = startFaultline(["run", file, "--out", join(folder, "first")], { cwd: folder, env });
  await expect.poll(() => existsSync(join(folder, "state", "runs")), { timeout: 20_000 }).toBe(true);
  const second = await faultline(["run", file, "--out", join(folder, "second")], { cwd: folder, env });
  expect(second.code, second.stderr).toBe(4);
  expect(second.stderr).toMatch(
    new RegExp(`another run uses port ${port}: "Shop in a test" .*process ${first.child.pid},`),
  );
  expect(existsSync(join(folder, "second"))).toBe(false);
  const healed = await faultline(["heal"], { env });
  expect(healed.code).toBe(5);
  expect(healed.stdout).toContain(`left alone, process ${first.child.pid} still runs`);
  first.child.kill("SIGINT");
  expect((await first.finished).code).toBe(130);
});
