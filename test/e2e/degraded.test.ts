import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Report } from "../../src/analysis/document/report.js";
import type { RunRecord } from "../../src/measure/record.js";
import { faultline, root, temporaryFolder } from "../helpers/faultline.js";

const FOLDER = join(root, "test/fixtures/asking-service");

const scenario = (log: string) => `
faultline: 1
name: A service that falls back
evidence: observed
services:
  stock:
    run: node stock.mjs
    cwd: ${FOLDER}
    env: { PORT: "\${services.stock.port}" }
    ready: tcp://127.0.0.1:\${services.stock.port}
  database:
    run: node database.mjs
    cwd: ${FOLDER}
    env: { PORT: "\${services.database.port}" }
    ready: tcp://127.0.0.1:\${services.database.port}
  service:
    run: node service.mjs
    cwd: ${FOLDER}
    env:
      PORT: "\${services.service.port}"
      STOCK: "\${proxies.stock.listen}"
      DATABASE: "127.0.0.1:\${services.database.port}"
      LOG: ${log}
    ready: http://127.0.0.1:\${services.service.port}/health
proxies:
  stock: { protocol: http, upstream: "127.0.0.1:\${services.stock.port}" }
load:
  target: "http://127.0.0.1:\${services.service.port}"
  rate: 30/s
  requests:
    - { name: stock, path: /stock, weight: 2, expect: { body: in stock }, degraded: { header: { x-fallback: "1" } } }
    - { name: alive, path: /health }
phases: { warmup: 1s, baseline: 3s, fault: 4s, recovery: 3s }
slos:
  - availability >= 99%
  - degraded < 90%
  - degraded(stock) < 20%
  - degraded < 1% in recovery
faults:
  - { name: stock answers 503, proxy: stock, http: { status: 503 } }
`;

test("an answer that is a fallback is neither good nor bad, and is counted as the service counts it", {
  timeout: 120_000,
}, async () => {
  const folder = await temporaryFolder();
  const log = join(folder, "asked.log");
  const file = join(folder, "scenario.yaml");
  const out = join(folder, "out");
  await writeFile(file, scenario(log));
  const { code, stdout, stderr } = await faultline(
    ["run", file, "--no-history", "--out", out, "--reporter", "html,csv,prometheus,junit,markdown"],
    { timeoutMs: 100_000 },
  );
  const output = stdout + stderr;
  expect(code, output).toBe(1);
  const read = (name: string) => readFile(join(out, name), "utf8");
  const report: Report = JSON.parse(await read("report.json"));
  const record: RunRecord = JSON.parse(await read("record.json"));
  const sum = (counts: readonly number[] = []) => counts.reduce((total, count) => total + count, 0);
  const fallbacks = (await readFile(log, "utf8")).split("\n").filter((line) => line.startsWith("fallback"));

  const phaseOf = (kind: string) => record.phases.find((phase) => phase.kind === kind);
  const ofName = (kind: string, name: string) =>
    phaseOf(kind)?.requests.find(({ request }) => request === name);
  const told = sum(ofName("fault", "stock")?.degraded);
  // While the stock fails, each request that asks it gets a fallback. What was due between two phases is in none.
  expect(told).toBe(sum(ofName("fault", "stock")?.scheduled));
  expect(told).toBeLessThanOrEqual(fallbacks.length);
  expect(told).toBeGreaterThanOrEqual(fallbacks.length - record.unjudged.scheduled);
  expect(sum(phaseOf("fault")?.all.degraded)).toBe(told);
  expect(sum(phaseOf("baseline")?.all.degraded)).toBe(0);
  expect(sum(phaseOf("recovery")?.all.degraded)).toBe(0);
  // A request that does not say which answers are degraded has no such count.
  expect(ofName("fault", "alive")).not.toHaveProperty("degraded");

  const [fault] = report.faults;
  expect(fault?.slos.map(({ expect: slo, verdict }) => [slo, verdict])).toEqual([
    ["availability >= 99%", "pass"],
    ["degraded < 90%", "pass"],
    ["degraded(stock) < 20%", "fail"],
    ["degraded < 1% in recovery", "pass"],
  ]);
  expect(fault?.slos[2]).toMatchObject({ observed: 1, baseline: 0, after: 0 });
  expect(fault?.slos[2]?.reason).toMatch(/^All \d+ requests named "stock" were degraded; 20% may be\./);
  const phase = report.phases.find(({ kind }) => kind === "fault");
  expect(phase?.degraded).toMatchObject({ answers: told });
  expect(phase?.degraded?.latencyMs.p99).toBeGreaterThan(0);
  expect(fault?.patterns?.find(({ id }) => id === "fallback")).toMatchObject({
    seen: "yes",
    facts: { degraded: told, degradedShareBefore: 0 },
    text: expect.stringMatching(/got a degraded answer, none in the baseline; half of these came within/),
  });

  // Every form has it.
  expect(stdout).toMatch(/degraded\(stock\) < 20%/);
  expect(stdout).toMatch(/got a degraded answer/);
  const [head = "", ...lines] = (await read("buckets.csv")).split("\r\n");
  const column = head.split(",").indexOf("degraded");
  const inCsv = lines
    .map((line) => line.split(","))
    .filter((cells) => cells[3] === "fault" && cells[5] === "");
  expect(sum(inCsv.map((cells) => Number(cells[column])))).toBe(told);
  expect(await read("faultline.prom")).toMatch(
    /faultline_phase_degraded_ratio\{[^}]*phase="fault"[^}]*\} 0\.\d+/,
  );
  expect(await read("junit.xml")).toMatch(/<property name="degraded" value="[\d.]+%"/);
  expect(await read("report.md")).toMatch(/\| max \| Degraded \| p99 of these \|/);
  expect(await read("report.html")).toMatch(/>degraded<\/th>/);
});
