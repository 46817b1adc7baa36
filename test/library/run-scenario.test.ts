import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  checkScenario,
  compareRuns,
  type FileReporter,
  planScenario,
  readRun,
  runScenario,
} from "../../src/index.js";
import { temporaryFolder } from "../helpers/faultline.js";
import { writeShopScenario } from "../helpers/scenarios.js";

/** A whole run, on a machine that may be busy. */
const TIMEOUT_MS = 120_000;

/** On a terminal or in the log of a CI server. */
const ACTS_IF_PRINTED = "\u202e\u0085##[error]";

async function shortScenario(folder: string): Promise<string> {
  return writeShopScenario(folder, (scenario) => {
    scenario.name = `The shop ${ACTS_IF_PRINTED}`;
    // It holds on a busy machine, too, so that all phases are run.
    scenario.slos = ["availability >= 1%"];
    Object.assign(scenario.phases, { baseline: "1s", fault: "1s", recovery: "1s" });
  });
}

const verdictFormat: FileReporter = {
  name: "verdict",
  fileName: "verdict.txt",
  mime: "text/plain",
  purpose: "one word",
  render: ({ report }) => `${report.verdict}\n`,
};

test("runs at once tell of their own phases, write what they were asked for, and can be compared", {
  timeout: TIMEOUT_MS,
}, async () => {
  const folder = await temporaryFolder();
  const file = await shortScenario(folder);
  const one = async (name: string) => {
    const phases: string[] = [];
    const ended: string[] = [];
    const { report, record, files, warnings } = await runScenario(file, {
      cwd: folder,
      folder: name,
      reporters: [verdictFormat],
      retry: false,
      on: {
        phase: ({ kind }, run) => void phases.push(`${run.folder} ${kind}`),
        phaseEnd: ({ kind, requests }) => void ended.push(`${kind} ${requests.scheduled > 0}`),
        end: () => {
          throw new Error("the screen is gone");
        },
      },
    });
    expect(phases).toEqual(
      ["warmup", "baseline", "fault", "recovery"].map((kind) => `${join(folder, name)} ${kind}`),
    );
    expect(ended).toEqual(["warmup true", "baseline true", "fault true", "recovery true"]);
    expect(files.map(({ reporter }) => reporter)).toEqual(["json", "verdict"]);
    const written = ["record.json", "report.json", "services", "verdict.txt"];
    expect((await readdir(join(folder, name))).sort()).toEqual(written);
    const text = await readFile(join(folder, name, "record.json"), "utf8");
    expect(text).not.toMatch(/[\u202e\u0085]|##\[/);
    expect(JSON.parse(text).scenario.name).toBe(`The shop ${ACTS_IF_PRINTED}`);
    expect(warnings.filter((text) => text.includes("reporter"))).toEqual([
      "the reporter on failed: the screen is gone",
    ]);
    expect(report.tool).toEqual(record.tool);
    return report;
  };
  const [first, second] = await Promise.all([one("first"), one("second")]);
  if (!first || !second) throw new Error("a run is missing");
  expect(await readRun(join(folder, "first"))).toEqual(JSON.parse(JSON.stringify(first)));
  expect(compareRuns(first, second).mismatches).toEqual([]);
});

test("an aborted signal ends a run before it begins, with an error; during it, with a report", {
  timeout: TIMEOUT_MS,
}, async () => {
  const folder = await temporaryFolder();
  const file = await shortScenario(folder);
  await expect(
    runScenario(file, { cwd: folder, signal: AbortSignal.abort("not now") }),
  ).rejects.toMatchObject({ code: "INTERRUPTED", message: expect.stringContaining("not now") });

  const stop = new AbortController();
  const { report, files } = await runScenario(file, {
    cwd: folder,
    signal: stop.signal,
    on: { phase: ({ kind }) => kind === "baseline" && stop.abort("enough") },
  });
  expect(report.verdict).toBe("aborted");
  expect(report.ending).toMatchObject({ kind: "interrupted", reason: "enough" });
  expect(files).toEqual([]);
  expect(await readdir(folder)).toEqual(["scenario.yaml"]);
});

test("a scenario is checked and planned without anything being started", async () => {
  const folder = await temporaryFolder();
  const file = await shortScenario(folder);
  expect(await checkScenario(file)).toMatchObject({ valid: true, summary: "1 fault, 4 s" });
  const plan = await planScenario(file, { set: { "phases.fault": "2s" }, seed: 7 });
  expect(plan.seed).toBe(7);
  expect(plan.phases.map(({ kind, durationMs }) => [kind, durationMs])).toContainEqual(["fault", 2_000]);
  expect(plan.text).toContain("slow inventory");
  expect(plan.decisions.length).toBeGreaterThan(0);
});

test("what is wrong with a scenario or an option is told with its place, by all functions alike", async () => {
  const folder = await temporaryFolder();
  const file = join(folder, "bad.yaml");
  await writeFile(file, "faultline: 1\nname: Bad\nloda: {}\n");
  const { valid, diagnostics } = await checkScenario(file);
  expect(valid).toBe(false);
  expect(diagnostics).toContainEqual(expect.objectContaining({ code: "unknown-key", line: 3, column: 1 }));
  const placed = { code: "SCENARIO_INVALID", message: expect.stringContaining("bad.yaml:3:1") };
  await expect(planScenario(file)).rejects.toMatchObject(placed);
  await expect(runScenario(file)).rejects.toMatchObject(placed);
  await expect(runScenario(join(folder, "none.yaml"))).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  await expect(runScenario(file, { seed: -1 })).rejects.toMatchObject({ code: "USAGE" });
});
