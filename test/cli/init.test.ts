import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decidability } from "../../src/analysis/decidability.js";
import { main } from "../../src/cli/main.js";
import type { Io } from "../../src/cli/process/io.js";
import { checkAndPlan } from "../../src/plan/check-and-plan.js";
import { starterScenario } from "../../src/scenario/generate/starter.js";
import { checkText, faultSteps, folderWith } from "../helpers/scenario-files.js";
import { testIo } from "../helpers/test-io.js";

async function init(cwd: string, ...args: string[]) {
  const io = testIo({ cwd });
  const exitCode = await main(["init", ...args], io);
  return { exitCode, out: io.out(), err: io.err() };
}

test("off a terminal it asks nothing; what it writes is valid and every SLO can be decided", async () => {
  const cwd = folderWith({});
  const { exitCode, out, err } = await init(cwd);
  expect({ exitCode, out }).toEqual({ exitCode: 0, out: "scenario.yaml\n" });
  expect(err).toContain("faultline validate scenario.yaml");
  const { plan, diagnostics } = await checkAndPlan("scenario.yaml", { env: {}, cwd });
  expect(diagnostics).toEqual([]);
  if (!plan) throw new Error("no plan");
  const answers = decidability(plan).map(({ slo, phase, answer, sentence }) => ({
    slo,
    phase,
    answer,
    sentence,
  }));
  expect(answers.length).toBeGreaterThan(0);
  for (const line of answers)
    expect(line).toMatchObject({ answer: expect.stringMatching(/decidable|unknown/) });
  expect(answers.filter(({ answer }) => answer === "undecidable" || answer === "impossible")).toEqual([]);
});

test("options fill it in; hosts beside this machine are named in it", async () => {
  const cwd = folderWith({});
  const { exitCode } = await init(
    cwd,
    "mine.yaml",
    "--name",
    "Shop: it survives #1",
    "--target",
    "https://shop.example.com/api",
    "--dependency",
    "10.0.0.5:5432",
    "--rate",
    "250/s",
    "--run",
    "node 'my server.js'",
    "--variable",
    "DB",
  );
  expect(exitCode).toBe(0);
  const { plan, diagnostics } = await checkAndPlan("mine.yaml", { env: {}, cwd });
  // Of hosts that were not named in it there would be complaints.
  expect(diagnostics).toEqual([]);
  expect(plan).toMatchObject({
    name: "Shop: it survives #1",
    proxies: [{ name: "dependency", upstream: "10.0.0.5:5432" }],
    services: [{ command: ["node", "my server.js"], env: { DB: "${proxies.dependency.listen}" } }],
    load: { target: { url: "https://shop.example.com/api" }, model: { profile: { startValue: 250 } } },
  });
});

test("editors find the schema where the package is installed, also from a folder below", async () => {
  const cwd = folderWith({});
  const schema = join(cwd, "node_modules", "faultline", "schema");
  mkdirSync(schema, { recursive: true });
  writeFileSync(join(schema, "scenario.schema.json"), "{}");
  await init(cwd, "chaos/cache.yaml");
  expect(readFileSync(join(cwd, "chaos/cache.yaml"), "utf8").split("\n")[0]).toBe(
    "# yaml-language-server: $schema=../node_modules/faultline/schema/scenario.schema.json",
  );
});

test("a fault that takes everything down is not cut short by the starter's abort condition", async () => {
  const cwd = folderWith({});
  await init(cwd);
  const { plan } = await checkAndPlan("scenario.yaml", { env: {}, cwd });
  const faultS = Math.max(...faultSteps(plan!).map(({ during }) => during.durationMs)) / 1000;
  expect(plan!.abort).toHaveLength(1);
  for (const { condition } of plan!.abort) expect(condition.windowS).toBeGreaterThan(faultS);
});

test("a file that is there stays as it is without --force", async () => {
  const cwd = folderWith({});
  writeFileSync(join(cwd, "scenario.yaml"), "mine");
  expect(await init(cwd)).toMatchObject({
    exitCode: 2,
    out: "",
    err: expect.stringContaining("scenario.yaml is there already"),
  });
  expect(readFileSync(join(cwd, "scenario.yaml"), "utf8")).toBe("mine");
  expect(await init(cwd, "--force")).toMatchObject({ exitCode: 0 });
  expect(readFileSync(join(cwd, "scenario.yaml"), "utf8")).toContain("faultline: 1");
});

test("a folder that is not there is made", async () => {
  const cwd = folderWith({});
  expect(await init(cwd, "chaos/cache.yaml", "--yes")).toMatchObject({ exitCode: 0 });
  expect(readFileSync(join(cwd, "chaos/cache.yaml"), "utf8")).toContain("faultline: 1");
});

test("answers that cannot be used are refused, and nothing is written", async () => {
  const cwd = folderWith({ file: "" });
  for (const [option, value] of [
    ["--rate", "5"],
    ["--target", "shop"],
    ["--dependency", "nowhere"],
    ["--run", "a 'b"],
    ["--variable", "A B"],
  ]) {
    expect(await init(cwd, option ?? "", value ?? "")).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining(`error: ${option}: `),
    });
  }
  await expect(checkAndPlan("scenario.yaml", { env: {}, cwd })).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
  });
  expect(await init(cwd, "file/in/folder.yaml")).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining("cannot write"),
  });
});

test("on a terminal it asks, asks again after a bad answer, and takes Enter for the default", async () => {
  const cwd = folderWith({});
  const input = new PassThrough();
  const io = testIo({ cwd });
  const terminal: Io = {
    ...io,
    stdin: Object.assign(input, { isTTY: true }),
    stderr: Object.assign(io.stderr, { isTTY: true }),
  };
  const answers = ["Cache dies", "", "nonsense", "127.0.0.1:6390", "REDIS_URL", "node shop.js", "50/s"];
  const done = main(["init"], terminal);
  let seen = 0;
  io.stderr.on("data", () => {
    const asked = (io.err().match(/\? (\(.*?\) )?/g) ?? []).length;
    while (seen < asked && answers.length > 0) {
      seen += 1;
      input.write(`${answers.shift()}\n`);
    }
  });
  expect(await done).toBe(0);
  expect(io.err()).toContain("expected host:port");
  const { plan } = await checkAndPlan("scenario.yaml", { env: {}, cwd });
  expect(plan).toMatchObject({
    name: "Cache dies",
    proxies: [{ upstream: "127.0.0.1:6390" }],
    services: [{ command: ["node", "shop.js"], env: { REDIS_URL: "${proxies.dependency.listen}" } }],
    load: { model: { profile: { startValue: 50 } } },
  });
});

test("the end of the input while it asks: nothing is written", async () => {
  const cwd = folderWith({});
  const input = new PassThrough();
  const io = testIo({ cwd });
  const done = main(["init"], {
    ...io,
    stdin: Object.assign(input, { isTTY: true }),
    stderr: Object.assign(io.stderr, { isTTY: true }),
  });
  input.end();
  expect(await done).toBe(2);
  expect(io.err()).toContain("nothing was written");
});

test("any name makes a valid scenario", async () => {
  const name = fc.string({ minLength: 1, maxLength: 200 }).filter((text) => text.trim() !== "");
  await fc.assert(
    fc.asyncProperty(fc.oneof(name, fc.constant("costs ${x}")), async (text) => {
      const answers = {
        name: text,
        target: "http://127.0.0.1:3000",
        dependency: "127.0.0.1:6379",
        rate: "100/s",
        run: null,
        cwd: null,
        variable: "X",
      };
      const { plan, diagnostics } = await checkText(starterScenario(answers, null));
      expect(diagnostics).toEqual([]);
      expect(plan?.name).toBe(text);
    }),
    { numRuns: 50 },
  );
});

test("a scenario in another folder starts its service where the command was given", async () => {
  const cwd = folderWith({ "server.js": "" });
  await init(cwd, "chaos/deep/x.yaml", "--run", "node server.js");
  const { plan, diagnostics } = await checkAndPlan("chaos/deep/x.yaml", { env: {}, cwd });
  expect(diagnostics).toEqual([]);
  expect(plan?.services[0]).toMatchObject({ command: ["node", "server.js"], cwd });
});
