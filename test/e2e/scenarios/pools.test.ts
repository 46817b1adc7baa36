import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import type { Report } from "../../../src/analysis/document/report.js";
import { faultline, temporaryFolder } from "../../helpers/faultline.js";
import { RETRIES } from "../../helpers/shipped-scenario.js";

const SLOW = "inventory is slow";
const ERRORS = "inventory answers 503";

/** The shipped chain of services with other faults, in less time. */
async function scenarioIn(folder: string): Promise<string> {
  const shipped = await readFile("scenarios/service-chain/scenario.yaml", "utf8");
  const faults = [
    `- { name: ${SLOW}, proxy: inventory, http: { delay: 500ms } }`,
    `- { name: ${ERRORS}, proxy: inventory, http: { status: 503 } }`,
  ];
  const text = shipped
    .replaceAll("run: node ", `run: node ${resolve("scenarios/service-chain")}/`)
    .replace(/^phases: .*$/m, "phases: { warmup: 1s, baseline: 4s, fault: 5s, recovery: 5s }")
    // Until then a fault waits for the requests that met it.
    .replace("timeout: 5s", "timeout: 3s")
    .replace(/^faults:.*/ms, `faults:\n${faults.map((fault) => `  ${fault}\n`).join("")}`);
  const file = join(folder, "scenario.yaml");
  await writeFile(file, text);
  return file;
}

/** What the report says of the orders' pool, by fault and pattern. */
async function pools(vars: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder();
  const out = join(folder, "out");
  const plain = { timeout: "", retries: "0", breaker: "off", fallback: "off", ...vars };
  const args = Object.entries(plain).flatMap(([name, value]) => ["--var", `${name}=${value}`]);
  const { stdout, stderr } = await faultline(
    ["run", await scenarioIn(folder), "--no-history", "--out", out, ...args],
    { timeoutMs: 150_000 },
  );
  const report: Report = JSON.parse(await readFile(join(out, "report.json"), "utf8"));
  const of = (fault: string, id: string) =>
    report.faults.find(({ name }) => name === fault)?.patterns?.find((pattern) => pattern.id === id);
  return { of, output: stdout + stderr };
}

test("the report names a pool that is too small and one that loses connections, and only where they are", {
  // A machine that is very busy leaves faults out, as the baseline does not hold.
  retry: RETRIES,
  timeout: 330_000,
}, async () => {
  const [small, unlimited] = await Promise.all([pools({ pool: "8", leak: "on" }), pools({})]);
  // 8 connections, each taken for half a second, carry 16 of 40 requests a second.
  expect(small.of(SLOW, "pool_queue"), small.output).toMatchObject({ seen: "yes", facts: { atOnce: 8 } });
  expect(small.of(SLOW, "pool_leak")?.seen).not.toBe("yes");
  expect(small.of(ERRORS, "pool_leak"), small.output).toMatchObject({
    seen: "yes",
    facts: { silentConnections: 8 },
  });
  for (const fault of [SLOW, ERRORS]) {
    expect(unlimited.of(fault, "pool_queue")?.seen, unlimited.output).not.toBe("yes");
    expect(unlimited.of(fault, "pool_leak")?.seen, unlimited.output).not.toBe("yes");
  }
  expect(unlimited.of(SLOW, "pool_queue"), unlimited.output).toBeDefined();
});
