import { copyFile, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { runScenarios } from "../../src/cli/run-scenarios.js";
import { pickFreePort } from "../../src/run/reach/local-port.js";
import { testAtOnce as test } from "../helpers/at-once.js";
import { faultline, root, startFaultline, temporaryFolder } from "../helpers/faultline.js";
import { writeShopScenario } from "../helpers/scenarios.js";
import { testIo } from "../helpers/test-io.js";

test("scenarios that an interrupt kept from running are said, and are no success", async () => {
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder);
  const io = {
    ...testIo({ cwd: folder }),
    onSignal(listener: (signal: "SIGINT") => void) {
      listener("SIGINT");
      return () => {};
    },
  };
  expect(await runScenarios([file, file], {}, io)).toBe(130);
  expect(io.err()).toContain("2 of 2 scenarios not run");
});

test("--max-duration that is over before the first request is an abort, not an interrupt", async () => {
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder);
  const { code, stderr } = await faultline(["run", file, "--max-duration", "1ms"], { cwd: folder });
  expect(code, stderr).toBe(1);
  expect(stderr).toContain("error: the run took longer than --max-duration 0.001 s");
  expect(await readdir(join(folder, "reports"))).toEqual([]);
});

test("an upstream that only a real Toxiproxy server can reach is a warning, not a refusal", async () => {
  const folder = await temporaryFolder();
  const nobody = await pickFreePort();
  const file = await writeShopScenario(folder, (scenario) => {
    scenario.slos = ["availability >= 1%"];
    scenario.proxies.inventory = { upstream: `127.0.0.1:${nobody}` };
  });
  const server = startFaultline(["proxy", "--port", "0"], { cwd: folder });
  const [url] = await new Promise<RegExpMatchArray>((resolve) => {
    server.child.stdout?.on("data", (text) => resolve(String(text).match(/http:\/\/\S+?(?=,)/) ?? [""]));
  });
  const { code, stderr } = await faultline(["run", file, "--toxiproxy", url], { cwd: folder });
  server.child.kill("SIGTERM");
  expect(stderr).toContain(
    `warning: the upstream of proxy "inventory", 127.0.0.1:${nobody}, cannot be reached`,
  );
  // The load has run, and has shown that the shop needs its inventory: there is a report.
  expect(stderr).toContain("baseline is not healthy");
  expect(code, stderr).toBe(4);
  expect((await readdir(join(folder, "reports"))).sort()).toEqual([
    expect.stringMatching(/shop/),
    "history.jsonl",
  ]);
  await server.finished;
});

test("of several scenarios none is started when one of them cannot be run", async () => {
  const folder = await temporaryFolder();
  const good = await writeShopScenario(folder);
  const bad = join(folder, "bad.yaml");
  await writeFile(bad, "faultline: 1\nname: Bad\n");
  const io = testIo({ cwd: folder });
  expect(await runScenarios([good, bad], {}, io)).toBe(2);
  expect(io.err()).toContain("1 of 2 scenarios cannot be run, so nothing was started");
  expect(io.err()).toContain("bad.yaml");
  expect(await readdir(folder)).not.toContain("reports");
});

test("what validate warns of is said by run and by a dry run as well", async () => {
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder, (scenario) => {
    scenario.services.shop!.env.INVENTORY_URL = "http://127.0.0.1:9";
  });
  const warning = /warning: .*inventory/;
  const io = testIo({ cwd: folder });
  expect(await runScenarios([file], { dryRun: true }, io)).toBe(0);
  expect(io.err()).toMatch(warning);
  expect(io.out()).not.toMatch(warning);
  const real = await faultline(["run", file, "--max-duration", "1ms"], { cwd: folder });
  expect(real.stderr).toMatch(warning);
});

const OUR_REPORT = JSON.stringify({ formatVersion: 1, tool: { name: "faultline", version: "0.0.1" } });

test("a run that fails before it measures leaves no earlier report in a reused folder", async () => {
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder);
  const out = join(folder, "out");
  await mkdir(out);
  for (const name of ["record.json", "report.json", "junit.xml", "report.html", "mine.txt"]) {
    await writeFile(join(out, name), name === "report.json" ? OUR_REPORT : "old");
  }
  const { code } = await faultline(["run", file, "--out", out, "--max-duration", "1ms"], { cwd: folder });
  expect(code).toBe(1);
  expect(await readdir(out)).toEqual(["mine.txt"]);
});

test("a run that fails before it measures takes only the folder with it that it made", async () => {
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder);
  await mkdir(join(folder, "mine"));
  const failed = (out: string) =>
    faultline(["run", file, "--out", out, "--max-duration", "1ms"], { cwd: folder });
  expect((await failed("mine")).code).toBe(1);
  expect((await failed("new")).code).toBe(1);
  const left = await readdir(folder);
  expect(left).toContain("mine");
  expect(left).not.toContain("new");
});

test("what an earlier run wrote is gone even where the scenario is wrong: in --out, and where --reporter names a file", async () => {
  const folder = await temporaryFolder();
  const bad = join(folder, "bad.yaml");
  await writeFile(bad, "faultline: 1\nname: Bad\n");
  const out = join(folder, "out");
  await mkdir(out);
  const tests = join(folder, "tests.xml");
  for (const file of [tests, join(out, "junit.xml")]) await writeFile(file, "green");
  await writeFile(join(out, "report.json"), OUR_REPORT);
  const io = testIo({ cwd: folder });
  expect(await runScenarios([bad], { out: "out", reporter: "junit=tests.xml" }, io)).toBe(2);
  expect(await readdir(out)).toEqual([]);
  expect(await readdir(folder)).not.toContain("tests.xml");
});

test("reports of other programs in --out are left alone, whatever their names are", async () => {
  const folder = await temporaryFolder();
  const bad = join(folder, "bad.yaml");
  await writeFile(bad, "faultline: 1\nname: Bad\n");
  const theirs = ["buckets.csv", "junit.xml", "report.html", "report.json"];
  await mkdir(join(folder, "out"));
  for (const name of theirs) await writeFile(join(folder, "out", name), '{ "tool": "another" }');
  expect(await runScenarios([bad], { out: "out" }, testIo({ cwd: folder }))).toBe(2);
  expect((await readdir(join(folder, "out"))).sort()).toEqual(theirs);
});

test("the baseline may be what the run replaces", async () => {
  const folder = await temporaryFolder();
  const bad = join(folder, "bad.yaml");
  await writeFile(bad, "faultline: 1\nname: Bad\n");
  await copyFile(join(root, "reports/sample/report.json"), join(folder, "report.json"));
  const flags = { out: ".", baseline: "report.json" };
  expect(await runScenarios([bad], flags, testIo({ cwd: folder }))).toBe(2);
  expect(await readdir(folder)).toEqual(["bad.yaml"]);
});

test("a baseline of another test is no success when nothing could be compared with it", async () => {
  const folder = await temporaryFolder();
  const short = (name: string) =>
    writeShopScenario(folder, (scenario) => {
      scenario.name = name;
      scenario.slos = ["availability >= 99%"];
      Object.assign(scenario.phases, { baseline: "1s", fault: "1s", recovery: "1s" });
    });
  const other = join(folder, "other.yaml");
  await copyFile(await short("Another test"), other);
  const file = await short("Shop in a test");
  const sample = join(root, "reports/sample/report.json");
  const run = (...args: string[]) => faultline(["run", ...args, "--fail-on", "none"], { cwd: folder });
  const alone = await run(file, "--out", "first", "--baseline", sample);
  expect(alone.code, alone.stderr).toBe(3);
  expect(alone.stderr).toContain("not the same test");
  expect(alone.stderr).toMatch(/^error: nothing was compared with --baseline /m);
  const both = await run(file, other, "--baseline", "first");
  expect(both.code, both.stderr).toBe(0);
  expect(both.stderr).toContain("not the same test");
  expect(both.stderr).not.toContain("nothing was compared");
});

test("a report that cannot be replaced is told before anything starts", async () => {
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder);
  await mkdir(join(folder, "tests.xml"));
  await symlink(file, join(folder, "link.xml"));
  for (const [name, why] of [
    ["tests.xml", "it is not a file"],
    ["link.xml", "it is a link; name the file itself"],
  ]) {
    const run = runScenarios([file], { reporter: `junit=${name}` }, testIo({ cwd: folder }));
    await expect(run).rejects.toMatchObject({
      code: "REPORT_UNWRITABLE",
      message: `cannot replace ${join(folder, name ?? "")}: ${why}`,
    });
  }
  expect(await readdir(folder)).not.toContain("reports");
});

test("one file for the results of several scenarios is refused: the last would stand for all", async () => {
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder);
  await writeFile(join(folder, "tests.xml"), "old");
  const run = runScenarios([file, file], { reporter: "html,junit=tests.xml" }, testIo({ cwd: folder }));
  await expect(run).rejects.toMatchObject({ code: "USAGE", message: expect.stringContaining("junit.xml") });
  expect(await readFile(join(folder, "tests.xml"), "utf8")).toBe("old");
});

test("files of these names that are not of a run stay", async () => {
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder);
  await writeFile(join(folder, "report.md"), "mine");
  await faultline(["run", file, "--out", folder, "--max-duration", "1ms"], { cwd: folder });
  expect(await readFile(join(folder, "report.md"), "utf8")).toBe("mine");
});

test("the result is printed although a report cannot be written; the exit code says that", async () => {
  const folder = await temporaryFolder();
  const out = join(folder, "out");
  const file = await writeShopScenario(folder, (scenario) => {
    scenario.slos = ["availability >= 99%"];
    scenario.faults = [];
    Object.assign(scenario.phases, { baseline: "1s" });
    const { inventory } = scenario.services;
    Object.assign(inventory!, {
      shell: true,
      run: `mkdir ${join(out, "report.md")} && exec ${inventory!.run}`,
    });
  });
  const { code, stdout, stderr } = await faultline(["run", file, "--json", "--out", out], { cwd: folder });
  expect(code, stderr).toBe(4);
  expect(stderr).toContain("report.md: it is not a file");
  expect(JSON.parse(stdout)).toMatchObject({ scenario: { name: "Shop in a test" } });
});

/** A load test of a second that passes wherever it has the time to. */
async function writeQuickScenario(folder: string): Promise<string> {
  return writeShopScenario(folder, (scenario) => {
    scenario.slos = ["availability >= 1%"];
    scenario.faults = [];
    scenario.load.rate = "20/s";
    Object.assign(scenario.phases, { baseline: "1s" });
  });
}

test("a page of the pipeline that cannot be written is a warning, and the exit code the run's own", async () => {
  const folder = await temporaryFolder();
  const file = await writeQuickScenario(folder);
  const { code, stdout, stderr } = await faultline(["run", file, "--json"], {
    cwd: folder,
    env: { GITHUB_STEP_SUMMARY: folder },
  });
  expect(stderr).toContain(`warning: cannot write the step summary ${folder}`);
  const { verdict } = JSON.parse(stdout);
  expect(code, stderr).toBe(verdict === "pass" ? 0 : 3);
});
