import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, existsSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunRecord } from "../../src/measure/record.js";
import { testAtOnce as test } from "../helpers/at-once.js";
import { root, startFaultline, temporaryFolder } from "../helpers/faultline.js";
import { writeShopScenario } from "../helpers/scenarios.js";

async function recordIn(folder: string): Promise<RunRecord> {
  return JSON.parse(await readFile(join(folder, "out", "record.json"), "utf8"));
}

test("a terminal that is closed ends the run in order: all is undone, and the report is there", async ({
  expect,
}) => {
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder, ({ phases }) => {
    phases.fault = "60s";
  });
  const run = startFaultline(["run", file, "--out", join(folder, "out")], { cwd: folder });
  await expect.poll(run.stderr, { timeout: 30_000 }).toContain("baseline: ");
  run.child.kill("SIGHUP");
  const { code, stderr } = await run.finished;
  expect(code, stderr).toBe(130);
  const record = await recordIn(folder);
  expect(record.ending).toMatchObject({ kind: "interrupted", reason: "SIGHUP" });
  expect(record.phases.map(({ kind }) => kind)).toContain("baseline");
  expect(existsSync(join(folder, "out", "report.html"))).toBe(true);
});

test("under nohup on a terminal the run goes on", async ({ expect, skip }) => {
  skip(process.platform !== "linux", "nohup does this on Linux");
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder, (scenario) => {
    scenario.faults = [];
    scenario.phases.baseline = "3s";
  });
  // What nohup puts in the place of a terminal.
  const stdin = openSync("/dev/null", constants.O_WRONLY);
  const args = [join(root, "bin/faultline.js"), "run", file, "--out", join(folder, "out")];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: [stdin, "ignore", "pipe"] });
  closeSync(stdin);
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  await expect.poll(() => stderr, { timeout: 30_000 }).toContain("warmup: ");
  child.kill("SIGHUP");
  const [code] = await once(child, "close");
  expect([0, 1, 3], stderr).toContain(code);
  expect((await recordIn(folder)).ending.kind).toBe("completed");
});
