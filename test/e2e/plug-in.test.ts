import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { Report } from "../../src/analysis/document/report.js";
import type { RunRecord } from "../../src/measure/record.js";
import { pickFreePort } from "../../src/run/reach/local-port.js";
import { processTable } from "../../src/support/processes/process-table.js";
import { faultline, root, startFaultline, temporaryFolder } from "../helpers/faultline.js";
import { type PluggedCopy, pluggedCopy } from "../helpers/plugged-copy.js";

const FIXTURE = "test/fixtures/file-driver";

/** A kind of fault and its driver, as CONTRIBUTING.md says that they are added. */
async function withFileDriver(folder: string): Promise<PluggedCopy> {
  const guide = await readFile(join(root, "CONTRIBUTING.md"), "utf8");
  const blocks = [...guide.matchAll(/```diff\n([\s\S]*?)```/g)].map(([, block = ""]) => block);
  const block = blocks.find((each) => each.includes("src/faults/drivers.ts")) ?? "";
  // It stands in a list.
  const diff = block.replaceAll(/^ {2}/gm, "");
  const plugIn = {
    "src/faults/kinds/file.ts": `${FIXTURE}/kinds/file.ts`,
    "src/faults/file/driver.ts": `${FIXTURE}/file/driver.ts`,
    "src/faults/file/undo.ts": `${FIXTURE}/file/undo.ts`,
  };
  return pluggedCopy(folder, plugIn, diff);
}

let folderOfCopy = "";
let copy: PluggedCopy;
beforeAll(async () => {
  folderOfCopy = await mkdtemp(join(tmpdir(), "faultline-plug-in-"));
  copy = await withFileDriver(folderOfCopy);
  // On a busy machine a compiler takes its time.
}, 180_000);
afterAll(() => rm(folderOfCopy, { recursive: true, force: true }));

/** A shop that is closed while there is a file of this name. */
async function closedByFile(phases: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder();
  const flag = join(folder, "maintenance");
  const port = await pickFreePort();
  const server = `require("node:http").createServer((_, answer) => {
    answer.writeHead(require("node:fs").existsSync(${JSON.stringify(flag)}) ? 503 : 200).end();
  }).listen(${port}, "127.0.0.1")`;
  await writeFile(join(folder, "shop.cjs"), server);
  const scenario = {
    faultline: 1,
    name: "A shop under maintenance",
    evidence: "observed",
    services: { shop: { run: "node shop.cjs", ready: `http://127.0.0.1:${port}/` } },
    load: { target: `http://127.0.0.1:${port}`, rate: "50/s" },
    phases,
    slos: ["availability >= 90%"],
    faults: [{ name: "maintenance", file: flag }],
  };
  const file = join(folder, "scenario.yaml");
  // JSON is YAML.
  await writeFile(file, JSON.stringify(scenario, null, 2));
  const env = { FAULTLINE_STATE_DIR: join(folder, "state") };
  await mkdir(env.FAULTLINE_STATE_DIR);
  return { folder, file, flag, env };
}

test("a fault kind is a file and its entry, a driver a folder and one line", () => {
  const { touched } = copy;
  expect(Object.keys(touched)).toEqual([
    "src/faults/kinds/file.ts",
    "src/faults/file/driver.ts",
    "src/faults/file/undo.ts",
    "src/faults/kinds/index.ts",
    "src/faults/drivers.ts",
  ]);
  // Its import, and its place in the list.
  expect(touched["src/faults/kinds/index.ts"]).toBe(2);
  expect(touched["src/faults/drivers.ts"]).toBe(1);
});

test("a scenario with a fault of a new kind is checked, run, proven and told like any other", async () => {
  const { bin } = copy;
  const { folder, file, flag, env } = await closedByFile({
    warmup: "1s",
    baseline: "3s",
    fault: "3s",
    recovery: "3s",
  });
  const options = { bin, cwd: folder, env };

  const checked = await faultline(["validate", file], options);
  expect(checked.stdout).toContain("valid (1 fault");
  const twice = file.replace("scenario", "twice");
  const inject = [{ file: flag }, { file: flag }];
  const faults = [{ name: "maintenance", inject }];
  await writeFile(twice, JSON.stringify({ ...JSON.parse(await readFile(file, "utf8")), faults }));
  const refused = await faultline(["validate", twice], options);
  expect(refused.stdout).toContain(`\`file\` and \`file\` are the same file on ${flag}`);
  const planned = await faultline(["run", file, "--dry-run"], options);
  expect(planned.stdout).toContain(`file ${flag}`);

  const run = await faultline(["run", file, "--json", "--out", join(folder, "out")], options);
  expect(run.code, run.stderr).toBe(1);
  const report: Report = JSON.parse(run.stdout);
  expect(report.faults).toMatchObject([
    {
      name: "maintenance",
      verdict: "fail",
      injection: { proven: true, strength: "observed", description: `file ${flag}` },
    },
  ]);
  const record: RunRecord = JSON.parse(await readFile(join(folder, "out", "record.json"), "utf8"));
  expect(record.faults[0]?.proof?.targets).toEqual([
    { driver: "file", target: flag, evidence: { isThere: true } },
  ]);
  expect(existsSync(flag)).toBe(false);
  const again = await faultline(["report", join(folder, "out"), "--out", join(folder, "again")], options);
  expect(again.stdout).toContain("maintenance");
});

/** Runs until the fault is in place; then the run is killed, and its watchdog before it where that is asked for. */
async function killed(isAlone: boolean) {
  const here = await closedByFile({ warmup: "0s", baseline: "1s", fault: "60s" });
  const options = { bin: copy.bin, cwd: here.folder, env: here.env };
  const run = startFaultline(["run", here.file, "--out", join(here.folder, "out")], options);
  run.finished.catch(() => {});
  const pid = run.child.pid ?? 0;
  onTestFinished(() => void run.child.kill("SIGKILL"));
  await expect.poll(() => existsSync(here.flag), { timeout: 60_000 }).toBe(true);
  const watchdogs = processTable.rows().filter(({ parent, session, pid: own }) => {
    return parent === pid && session === own && processTable.markerOf(own) === "";
  });
  expect(watchdogs).toHaveLength(1);
  if (isAlone) for (const watchdog of watchdogs) process.kill(watchdog.pid, "SIGKILL");
  run.child.kill("SIGKILL");
  await run.finished;
  return { ...here, options };
}

test.runIf(process.platform === "linux")(
  "after kill -9 the watchdog undoes what a new driver did",
  async () => {
    const { flag } = await killed(false);
    await expect.poll(() => existsSync(flag), { timeout: 30_000 }).toBe(false);
  },
);

test.runIf(process.platform === "linux")(
  "where the watchdog was killed as well, heal undoes it",
  async () => {
    const { flag, options } = await killed(true);
    const preview = await faultline(["heal", "--dry-run"], options);
    expect(preview.stdout).toContain(`would remove file ${flag}`);
    expect(existsSync(flag)).toBe(true);
    const healed = await faultline(["heal"], options);
    expect(healed.stdout).toContain(`done: remove file ${flag}`);
    expect(healed.code).toBe(0);
    expect(existsSync(flag)).toBe(false);
  },
);
