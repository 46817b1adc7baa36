import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import type { RunRecord } from "../../src/measure/record.js";
import { startFaultline, temporaryFolder } from "../helpers/faultline.js";
import { writeShopScenario } from "../helpers/scenarios.js";

/** A run that is stopped in its fault (as by Ctrl-Z, or in a container that is paused) and goes on later. */
async function runStoppedFor(stoppedMs: number) {
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder, (scenario) => {
    scenario.load.timeout = "2s";
    // By default 100 ms: on a busy machine that starts two of these no order would be taken.
    scenario.services.shop!.env.CLIENT_TIMEOUT_MS = "1000";
    Object.assign(scenario.phases, { baseline: "2s", fault: "4s", recovery: "2s" });
    Object.assign(scenario, { abort: ["error_rate > 90% for 2s"], maxRecoveryWait: "10s" });
  });
  const run = startFaultline(["run", file, "--out", join(folder, "out")], {
    cwd: folder,
    env: { FAULTLINE_STATE_DIR: join(folder, "state") },
  });
  await expect.poll(run.stderr, { timeout: 20_000 }).toContain("baseline: ");
  await pause(1_500);
  run.child.kill("SIGSTOP");
  await pause(stoppedMs);
  run.child.kill("SIGCONT");
  const { code, stderr } = await run.finished;
  const record: RunRecord = JSON.parse(await readFile(join(folder, "out", "record.json"), "utf8"));
  return { code, stderr, record };
}

test("a run that was stopped for longer than its abort window goes on and takes its fault out; one whose fault was taken out meanwhile ends, and says why", async () => {
  const [short, long] = await Promise.all([runStoppedFor(6_000), runStoppedFor(14_000)]);
  // It stood still in the middle of its fault: whatever the verdict, the run was not aborted by that.
  expect([0, 1, 3], short.stderr).toContain(short.code);
  expect(short.record.ending.kind, JSON.stringify(short.record.ending)).toBe("completed");
  expect(short.record.faults[0]?.removedAtS).not.toBeNull();

  expect(long.code, long.stderr).toBe(4);
  expect(long.stderr).toMatch(/the run stood still for \d+ s/);
  expect(long.record.ending, long.stderr).toMatchObject({ kind: "failed", code: "STOOD_STILL" });
}, 90_000);
