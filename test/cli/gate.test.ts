import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { appendLine } from "../../src/ledger/append-line.js";
import type { LedgerLine } from "../../src/ledger/ledger-line.js";
import { testAtOnce as test } from "../helpers/at-once.js";
import { faultline, temporaryFolder } from "../helpers/faultline.js";
import { faultShown, ledgerLine } from "../helpers/ledger-lines.js";
import { writeShopScenario } from "../helpers/scenarios.js";

/** A folder with a ledger of runs that were made just now. */
async function folderWith(lines: readonly Partial<LedgerLine>[]): Promise<string> {
  const folder = await temporaryFolder();
  for (const line of lines) {
    const startedAt = new Date().toISOString();
    await appendLine(join(folder, "reports/history.jsonl"), ledgerLine({ startedAt, sources: [], ...line }));
  }
  return folder;
}

const gate = (cwd: string, ...args: readonly string[]) => faultline(["gate", ...args], { cwd });
const broken = [faultShown({ verdict: "fail", reason: "p99 rose to 812 ms, promised < 500 ms." })];

test("a run leaves a line that the gate reads, until its lock file changes", async () => {
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder, (scenario) => {
    scenario.slos = ["availability >= 1%"];
    Object.assign(scenario.phases, { baseline: "1s", fault: "1s", recovery: "1s" });
  });
  await writeFile(join(folder, "yarn.lock"), "one");
  const env = { GIT_COMMIT: "0123456789abcdef" };
  const run = await faultline(["run", file, "--no-retry"], { cwd: folder, env });
  // A machine that is too busy leaves a run undecided.
  expect([0, 3], run.stderr).toContain(run.code);
  const ledger = await readFile(join(folder, "reports/history.jsonl"), "utf8");
  expect(ledger.endsWith("}\n")).toBe(true);
  const line = JSON.parse(ledger);
  expect(line).toMatchObject({
    ledger: 1,
    commit: "0123456789abcdef",
    scenario: { name: "Shop in a test", file: "scenario.yaml" },
    sources: [{ file: "scenario.yaml" }],
    lockFiles: [{ file: "yarn.lock" }],
    whole: true,
    folder: expect.stringMatching(/^\d{8}-\d{6}-shop-in-a-test$/),
    faults: [{ name: "slow inventory", dependencies: ["inventory"], kinds: ["latency"] }],
  });
  line.faults[0].verdict = "pass";
  await writeFile(join(folder, "reports/history.jsonl"), JSON.stringify(line));

  const held = await gate(folder, "--since-lockfile", "--max-age", "1h");
  expect(held.code, held.stdout).toBe(0);
  expect(held.stdout).toContain("✓ PASS  1 holds  (reports/history.jsonl, 1 run)");
  await writeFile(join(folder, "yarn.lock"), "two");
  const stale = await gate(folder, "--since-lockfile");
  expect(stale.code).toBe(3);
  expect(stale.stdout).toContain("! slow inventory on inventory: older than a change");
  expect(stale.stdout).toContain("yarn.lock changed since the run of");
  expect(stale.stdout).toContain("reports/history.jsonl:1: Shop in a test,");
  expect(stale.stdout).toContain("→ Run it again: faultline run scenario.yaml");
  expect((await gate(folder)).code).toBe(0);
});

test("a ledger that cannot be written is a warning, and --no-history writes none", async () => {
  const folder = await temporaryFolder();
  const file = await writeShopScenario(folder, (scenario) => {
    scenario.slos = ["availability >= 1%"];
    Object.assign(scenario.phases, { baseline: "1s", fault: "1s", recovery: "1s" });
  });
  await mkdir(join(folder, "out/history.jsonl"), { recursive: true });
  const run = await faultline(["run", file, "--out", "out", "--no-retry"], { cwd: folder });
  expect([0, 3], run.stderr).toContain(run.code);
  expect(run.stderr).toContain("warning: this run is not in the history");
  const quiet = await faultline(["run", file, "--out", "out", "--no-retry", "--no-history"], { cwd: folder });
  expect([0, 3], quiet.stderr).toContain(quiet.code);
  expect(quiet.stderr).not.toContain("history");
});

test("a broken promise exits 1 and says why, where and what to do", async () => {
  const folder = await folderWith([{}, { faults: broken, commit: "0123456789abcdef" }]);
  const { code, stdout } = await gate(folder);
  expect(code).toBe(1);
  expect(stdout).toContain("✗ FAIL  1 broken; 0 hold  (reports/history.jsonl, 2 runs)");
  expect(stdout).toContain("✗ slow cache on cache: broken\n    p99 rose to 812 ms, promised < 500 ms.\n");
  expect(stdout).toMatch(/reports\/history\.jsonl:2: Checkout, .*, commit 0123456789ab, report in /);
  expect(stdout).toContain("→ Mend it, then: faultline run chaos/checkout.yaml");
});

test("what is required and not there exits 3 and names the line that asks for it", async () => {
  const folder = await folderWith([{}]);
  await writeFile(
    join(folder, "faults.yaml"),
    "gate: 1\nrequire:\n  - { dependency: cache, fault: latency }\n  - { dependency: database, fault: down }\n",
  );
  const { code, stdout } = await gate(folder, "--require", "faults.yaml");
  expect(code).toBe(3);
  expect(stdout).toContain("? INCONCLUSIVE  1 missing; 1 holds");
  expect(stdout).toContain("! down on database: missing");
  expect(stdout).toContain("faults.yaml:4:5 asks for it");
});

test("--json is the same answer for programs", async () => {
  const folder = await folderWith([{ startedAt: "2020-01-01T00:00:00.000Z" }]);
  const { code, stdout } = await gate(folder, "--max-age", "30d", "--json");
  expect(code).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({
    formatVersion: 1,
    verdict: "inconclusive",
    exitCode: 3,
    runs: 1,
    items: [
      {
        status: "old",
        dependency: "cache",
        fault: "slow cache",
        scenario: "Checkout",
        verdict: "pass",
        maxAgeS: 30 * 24 * 3600,
        line: 1,
        required: null,
      },
    ],
  });
});

test("no ledger, and none that says anything, is no evidence", async () => {
  const folder = await temporaryFolder();
  const none = await gate(folder);
  expect(none.code).toBe(3);
  expect(none.stdout).toContain("no evidence  (there is no reports/history.jsonl)");
  await mkdir(join(folder, "reports"));
  await writeFile(join(folder, "reports/history.jsonl"), '{"ledger":9}\nnoise\n');
  const noise = await gate(folder);
  expect(noise.code).toBe(3);
  expect(noise.stderr).toContain("warning: left out: reports/history.jsonl:1: it is of format 9");
});

test("bad input exits 2", async () => {
  const folder = await folderWith([{}]);
  await writeFile(join(folder, "faults.yaml"), "gate: 1\nrequire: [{ dependency: cache }]\n");
  const wrong = await gate(folder, "--require", "faults.yaml");
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain("faults.yaml:2:11: `fault` is missing in require[0]");
  expect(wrong.stderr).toContain("hint: docs/ledger.md describes the file");
  for (const args of [
    ["--max-age", "30 days"],
    ["--max-age", "0d"],
    ["nowhere"],
    ["--require", "none.yaml"],
  ]) {
    expect((await gate(folder, ...args)).code, args.join(" ")).toBe(2);
  }
});

test("--badge and --coverage write the same answer as pictures", async () => {
  const folder = await folderWith([{ faults: broken }]);
  const { code } = await gate(folder, "--badge", "badge.svg", "--coverage", "site/coverage.html");
  expect(code).toBe(1);
  expect(await readFile(join(folder, "badge.svg"), "utf8")).toContain("resilience: 1 broken; 0 hold");
  const page = await readFile(join(folder, "site/coverage.html"), "utf8");
  expect(page).toContain('<th scope="row">cache</th>');
  expect(page).toContain("default-src 'none'");
});
