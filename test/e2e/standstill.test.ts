import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import type { RunRecord } from "../../src/measure/record.js";
import { startFaultline, temporaryFolder } from "../helpers/faultline.js";
import { writeShopScenario } from "../helpers/scenarios.js";

test("a run that was stopped for longer than its abort window goes on to its end and takes the fault out", async () => {
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder, (scenario) => {
    scenario.load.timeout = "1s";
    Object.assign(scenario.phases, { baseline: "2s", fault: "4s", recovery: "2s" });
    Object.assign(scenario, { abort: ["error_rate > 90% for 1s"], maxRecoveryWait: "10s" });
  });
  const run = startFaultline(["run", file, "--out", join(folder, "out")], { cwd: folder });
  await expect.poll(run.stderr, { timeout: 20_000 }).toContain("baseline: ");
  await pause(1_500);
  // As Ctrl-Z and fg, or a container that is paused.
  run.child.kill("SIGSTOP");
  await pause(6_000);
  run.child.kill("SIGCONT");
  const { code, stderr } = await run.finished;
  // It stood still in the middle of its fault: whatever the verdict, the run was not aborted by that.
  expect([0, 1, 3], stderr).toContain(code);
  const record: RunRecord = JSON.parse(await readFile(join(folder, "out", "record.json"), "utf8"));
  expect(record.ending.kind, JSON.stringify(record.ending)).toBe("completed");
  expect(record.faults[0]?.removedAtS).not.toBeNull();
}, 60_000);
