import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Report } from "../../src/analysis/document/report.js";
import { OUTCOMES } from "../../src/measure/outcome.js";
import type { RunRecord } from "../../src/measure/record.js";
import { faultline, temporaryFolder } from "../helpers/faultline.js";

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

async function run(
  scenario: string,
  ...flags: readonly string[]
): Promise<{
  code: number | null;
  stdout: string;
  stderr: string;
  files: string[];
  report: Report;
  record: RunRecord;
  wallS: number;
}> {
  const out = join(await temporaryFolder(), "out");
  const startedMs = performance.now();
  const { code, stdout, stderr } = await faultline(["run", scenario, "--out", out, ...flags], {
    timeoutMs: 110_000,
  });
  const wallS = (performance.now() - startedMs) / 1000;
  const read = async (name: string) => JSON.parse(await readFile(join(out, name), "utf8"));
  return {
    code,
    stdout,
    stderr,
    files: (await readdir(out)).sort(),
    report: await read("report.json"),
    record: await read("record.json"),
    wallS,
  };
}

/** Requests that the shop says it got, from its last line. */
function shopCount(record: RunRecord): number {
  const output = record.services.find(({ name }) => name === "shop")?.outputTail ?? "";
  const match = /"requests":(\d+)/.exec(output);
  if (!match) throw new Error(`the shop did not say its count:\n${output}`);
  return Number(match[1]);
}

describe("the quickstart", () => {
  test("the protected shop keeps its SLOs under every fault and the run exits 0", {
    timeout: 120_000,
  }, async () => {
    const { code, stdout, stderr, files, report, record, wallS } = await run("scenarios/quickstart.yaml");
    expect(code, stdout + stderr).toBe(0);
    expect(files).toEqual(
      expect.arrayContaining(["record.json", "report.html", "report.json", "report.md", "junit.xml"]),
    );
    expect(report.verdict).toBe("pass");
    expect(report.faults.map((fault) => [fault.verdict, fault.injection.proven])).toEqual([
      ["pass", true],
      ["pass", true],
      ["pass", true],
    ]);
    for (const phase of report.phases) {
      expect(sum(OUTCOMES.map((outcome) => phase.requests[outcome]))).toBe(phase.requests.scheduled);
    }
    // Nothing timed out, was cut or was left unsent: the shop's own count is the truth to the last one.
    const all = [...record.phases.map(({ all }) => all.outcomes)].reduce(
      (total, outcomes) => total + sum(outcomes.ok) + sum(outcomes.http_error),
      record.unjudged.outcomes.ok + record.unjudged.outcomes.http_error,
    );
    expect(all).toBe(shopCount(record));
    const planned = record.plannedPhases.reduce((total, phase) => total + phase.durationMs / 1000, 0);
    expect(wallS).toBeLessThan(planned + 25);
    expect(wallS).toBeLessThan(75);
  });

  test("without protections the report names the broken SLO, the fault, by how much, and the recovery", {
    timeout: 120_000,
  }, async () => {
    const { code, stdout, stderr, report } = await run(
      "scenarios/quickstart-fragile.yaml",
      "--only",
      "inventory cut off",
      "--set",
      "phases.baseline=4s",
    );
    expect(code, stdout + stderr).toBe(1);
    expect(report.verdict).toBe("fail");
    expect(report.faults.map(({ name }) => name)).toEqual(["inventory cut off"]);
    const [cutOff] = report.faults;
    const broken = cutOff?.slos.find((slo) => slo.expect.startsWith("availability"));
    expect(broken?.verdict).toBe("fail");
    // Packets vanish and the shop waits for ever: nothing gets through.
    expect(broken?.observed).toBeLessThan(0.05);
    expect(cutOff?.recovery).toMatchObject({ seconds: expect.any(Number), censored: false });
    // Lines are wrapped where they are full.
    const said = stdout.replaceAll(/\s+/g, " ");
    expect(said).toMatch(/In "inventory cut off": availability fell from [\d.]+% to [\d.]+%, promised ≥ 99%/);
    expect(said).toMatch(/All \d+ requests failed/);
    expect(said).toMatch(/recovered (at once|in [1-6] s) /);
  });
});
