/** docs/ci.md and action.yml as somebody would paste them: read as their CI server does, and their commands run. */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { root } from "../helpers/faultline.js";

const run = promisify(execFile);
const text = await readFile(join(root, "docs/ci.md"), "utf8");

/** The fenced block whose first line names the file. */
function block(file: string): string {
  const found = [...text.matchAll(/```\w+\n((?:#|\/\/) (\S+)\n[\s\S]*?)```/g)].find(
    ([, , name]) => name === file,
  );
  if (!found?.[1]) throw new Error(`docs/ci.md has no ${file}`);
  return found[1];
}

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

/** A project with the scenario; `npx faultline` is this checkout, `npm ci` has nothing to do. */
async function project(): Promise<{ folder: string; env: Record<string, string> }> {
  const folder = await mkdtemp(join(tmpdir(), "faultline-ci-"));
  folders.push(folder);
  await cp(join(root, "test/fixtures/ci"), folder, { recursive: true });
  const bin = join(folder, ".bin");
  await mkdir(bin);
  await writeFile(
    join(bin, "npx"),
    `#!/bin/sh\nshift\nexec "${process.execPath}" "${join(root, "bin/faultline.js")}" "$@"\n`,
  );
  await writeFile(join(bin, "npm"), "#!/bin/sh\nexit 0\n");
  for (const name of ["npx", "npm"]) await chmod(join(bin, name), 0o755);
  return {
    folder,
    env: { PATH: `${bin}:${process.env.PATH}`, NO_COLOR: "1", FAULTLINE_STATE_DIR: join(folder, ".state") },
  };
}

/** Runs commands as a step of each: a shell that stops at the first failure. */
async function runAll(commands: readonly string[], extra: Record<string, string> = {}) {
  const { folder, env } = await project();
  const runOne = async (command: string) => {
    const options = { cwd: folder, env: { ...env, ...extra }, timeout: 60_000 };
    const { stdout, stderr } = await run("bash", ["-e", "-o", "pipefail", "-c", command], options);
    return stdout + stderr;
  };
  let output = "";
  for (const command of commands) output += await runOne(command);
  return { folder, output, runOne };
}

/** Outputs of a step as the runner reads them: NAME=VALUE, or NAME<<END and lines until END. */
function outputsIn(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  const lines = text.split("\n");
  for (let line = lines.shift(); line !== undefined && line !== ""; line = lines.shift()) {
    const [, name = "", end = ""] = /^([^=]+?)<<(.+)$/.exec(line) ?? [];
    if (name === "") {
      const [, key = "", value = ""] = /^([^=]+)=(.*)$/.exec(line) ?? [];
      outputs[key] = value;
      continue;
    }
    const length = lines.indexOf(end);
    outputs[name] = lines
      .splice(0, length + 1)
      .slice(0, -1)
      .join("\n");
  }
  return outputs;
}

/** The action's step of that name. */
async function actionStep(name: string): Promise<string> {
  const action = parse(await readFile(join(root, "action.yml"), "utf8"));
  return action.runs.steps.find((step: { name: string }) => step.name === name).run;
}

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

// Runs of a few seconds each, side by side; a machine that is too busy to send in time makes one invalid.
describe.concurrent("a pasted pipeline runs from a first build to a kept report", {
  timeout: 90_000,
  retry: 1,
}, () => {
  test("GitHub Actions", async () => {
    const workflow = parse(block(".github/workflows/chaos.yml"));
    expect(Object.keys(workflow)).toEqual(["name", "on", "jobs"]);
    const steps: Step[] = workflow.jobs.chaos.steps;
    for (const step of steps) expect([step.uses, step.run].filter(Boolean)).toHaveLength(1);
    const commands = steps.flatMap((step) => step.run ?? []);
    const { folder, output, runOne } = await runAll(commands, { GITHUB_ACTIONS: "true" });
    expect(output).toContain("✓ PASS");
    const artifact = steps.find((step) => step.uses?.startsWith("actions/upload-artifact"))?.with?.path;
    expect(existsSync(join(folder, String(artifact), "report.html"))).toBe(true);
    const cached = steps.find((step) => step.uses?.startsWith("actions/cache/save"))?.with?.path;
    expect(existsSync(join(folder, String(cached), "report.json"))).toBe(true);
    // The next build has a last good run to compare with.
    const compare = commands.find((command) => command.includes("faultline compare")) ?? "";
    expect(await runOne(compare)).toContain("slow network");
  });

  test("GitLab CI", async () => {
    const pipeline = parse(block(".gitlab-ci.yml"));
    expect(pipeline.stages).toContain(pipeline.chaos.stage);
    const script: string[] = pipeline.chaos.script;
    for (const line of script) expect(typeof line).toBe("string");
    const branch = { CI_COMMIT_BRANCH: "main", CI_DEFAULT_BRANCH: "main" };
    const { folder, output } = await runAll(script, branch);
    expect(output).toContain("✓ PASS");
    expect(existsSync(join(folder, pipeline.chaos.artifacts.reports.junit))).toBe(true);
    expect(existsSync(join(folder, pipeline.chaos.artifacts.paths[0], "report.html"))).toBe(true);
    expect(existsSync(join(folder, pipeline.chaos.cache.paths[0], "report.json"))).toBe(true);
  });

  test("Jenkins", async () => {
    const file = block("Jenkinsfile");
    const code = file.replace(/'[^']*'/g, "''");
    for (const [open, close] of ["{}", "()"]) {
      expect(code.split(open!).length).toBe(code.split(close!).length);
    }
    expect(code).toMatch(
      /^\/\/.*\npipeline \{\s+agent .*\s+options .*\s+stages \{\s+stage\(''\) \{\s+steps \{/,
    );
    const commands = [...file.matchAll(/^ +sh '([^']*)'$/gm)].map(([, command = ""]) => command);
    expect(commands.length).toBe(file.split(" sh ").length - 1);
    const { folder, output } = await runAll(commands, { BRANCH_NAME: "main" });
    expect(output).toContain("✓ PASS");
    const junit = /junit '([^']*)'/.exec(file)?.[1] ?? "";
    expect(existsSync(join(folder, junit))).toBe(true);
    expect(existsSync(join(folder, "reports/last-good/report.json"))).toBe(true);
  });

  test("CircleCI", async () => {
    const config = parse(block(".circleci/config.yml"));
    expect(config.version).toBe(2.1);
    expect(config.workflows.chaos.jobs).toEqual(Object.keys(config.jobs));
    type CircleStep =
      | string
      | Readonly<Record<string, string | { command?: string; path?: string; paths?: string[] }>>;
    const steps: CircleStep[] = config.jobs.chaos.steps;
    const find = (name: string) =>
      steps.flatMap((step) => (typeof step === "object" && name in step ? [step[name]!] : []));
    const commands = find("run").map((step) => (typeof step === "string" ? step : (step.command ?? "")));
    const { folder, output } = await runAll(commands, { CIRCLE_BRANCH: "main" });
    expect(output).toContain("✓ PASS");
    for (const name of ["store_test_results", "store_artifacts"]) {
      const [stored] = find(name);
      expect(typeof stored === "object" && existsSync(join(folder, stored.path ?? "", "junit.xml"))).toBe(
        true,
      );
    }
  });

  test("the action, with its inputs' defaults and a last good run to compare with", async () => {
    const action = parse(await readFile(join(root, "action.yml"), "utf8"));
    const workflow = parse(block(".github/workflows/chaos-action.yml"));
    const used: Step = workflow.jobs.chaos.steps.find((step: Step) => step.uses?.includes("faultline"));
    for (const name of Object.keys(used.with ?? {})) expect(Object.keys(action.inputs)).toContain(name);
    const inputs: Record<string, string> = Object.fromEntries(
      Object.entries(action.inputs).map(([name, input]) => [
        name,
        String(used.with?.[name] ?? (input as { default?: string }).default ?? ""),
      ]),
    );
    const steps: { shell: string; run: string; env?: Record<string, string> }[] = action.runs.steps;
    const { folder, env } = await project();
    const output = join(folder, "output");
    const all: Record<string, string> = { ...env, GITHUB_ACTION_PATH: root, GITHUB_OUTPUT: output };
    for (const step of steps) {
      expect(step.shell).toBe("bash");
      const values = Object.entries(step.env ?? {}).map(([name, value]) => [
        name,
        value.replace(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, input: string) => inputs[input] ?? ""),
      ]);
      const options = { cwd: folder, env: { ...all, ...Object.fromEntries(values) }, timeout: 60_000 };
      const { stdout } = await run("bash", ["-e", "-o", "pipefail", "-c", step.run], options);
      if (step.run.includes("compare")) expect(stdout).toContain("no last good run yet");
    }
    const outputs = outputsIn(await readFile(output, "utf8"));
    expect(outputs).toEqual({ "exit-code": "0", verdict: "pass", report: inputs.out });
    for (const { value } of Object.values(action.outputs) as { value: string }[]) {
      const [, name = ""] = /steps\.run\.outputs\.([\w-]+)/.exec(value) ?? [];
      expect(Object.keys(outputs)).toContain(name);
    }
    expect(existsSync(join(folder, inputs.out ?? "", "junit.xml"))).toBe(true);
  });
});

test("no report that was committed becomes an output of the action, nor does a name of a folder", {
  timeout: 60_000,
}, async () => {
  const { folder, env } = await project();
  const out = "reports/a\nverdict=pass";
  await mkdir(join(folder, out), { recursive: true });
  await writeFile(join(folder, out, "report.json"), JSON.stringify({ verdict: "pass\nexit-code=0" }));
  await writeFile(join(folder, "bad.yaml"), "faultline: 1\n");
  const output = join(folder, "output");
  const inputs = { SCENARIO: "bad.yaml", OUT: out, REPORTER: "html", FAIL_ON: "fail", ARGS: "" };
  const step = run("bash", ["-e", "-o", "pipefail", "-c", await actionStep("Run the scenario")], {
    cwd: folder,
    env: { ...env, ...inputs, GITHUB_ACTION_PATH: root, GITHUB_OUTPUT: output },
  });
  await expect(step).rejects.toMatchObject({ code: 2 });
  expect(outputsIn(await readFile(output, "utf8"))).toEqual({ "exit-code": "2", verdict: "", report: out });
});

test("the action installs production dependencies only, and without a release builds first", async () => {
  const { folder, env } = await project();
  await writeFile(join(folder, ".bin/npm"), '#!/bin/sh\necho "$@" >> "$OUT"\n');
  const install = async (path: string) => {
    const log = join(path, "npm.log");
    const options = { env: { ...env, GITHUB_ACTION_PATH: path, OUT: log } };
    await run("bash", ["-e", "-o", "pipefail", "-c", await actionStep("Install faultline")], options);
    const commands = await readFile(log, "utf8").catch(() => "");
    return commands.replaceAll(" --no-audit --no-fund", "").trim().split("\n");
  };
  const release = join(folder, "release");
  await mkdir(join(release, "dist/cli"), { recursive: true });
  await writeFile(join(release, "dist/cli/main.js"), "");
  expect(await install(release)).toEqual(["ci --omit=dev --ignore-scripts"]);
  const commit = join(folder, "commit");
  await mkdir(commit);
  expect(await install(commit)).toEqual([
    "ci --ignore-scripts",
    "run --silent build",
    "prune --omit=dev --ignore-scripts",
  ]);
});

test("every action in docs/ci.md is pinned by its commit", () => {
  const used = [...text.matchAll(/uses: (\S+)@(\S+)(.*)/g)].map(([, name, at, rest]) => ({ name, at, rest }));
  expect(used.length).toBeGreaterThan(5);
  for (const { name, at, rest } of used) {
    expect(at, name).toMatch(name?.startsWith("actions/") ? /^[\da-f]{40}$/ : /^COMMIT$/);
    expect(rest, name).toMatch(/^ # v\d+\.\d+\.\d+$/);
  }
});

test("a broken SLO fails the step that runs the scenario, and leaves the report for the steps after it", {
  timeout: 60_000,
}, async () => {
  const workflow = parse(block(".github/workflows/chaos.yml"));
  const step: Step = workflow.jobs.chaos.steps.find((candidate: Step) =>
    candidate.run?.includes("faultline run"),
  );
  const { folder, env } = await project();
  const scenario = join(folder, "chaos/checkout.yaml");
  await writeFile(scenario, (await readFile(scenario, "utf8")).replace("latency: 20ms", "down: true"));
  const failed = run("bash", ["-e", "-c", step.run ?? ""], { cwd: folder, env, timeout: 50_000 });
  await expect(failed).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining("✗ FAIL") });
  expect(existsSync(join(folder, "reports/current/report.html"))).toBe(true);
});
