import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Report } from "../../src/analysis/document/report.js";
import type { RunRecord } from "../../src/measure/record.js";
import { faultline, root, temporaryFolder } from "../helpers/faultline.js";

const FOLDER = join(root, "test/fixtures/asking-service");

const scenario = (log: string) => `
faultline: 1
name: How much the dependencies get
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
      DATABASE: "\${proxies.database.listen}"
      LOG: ${log}
    ready: http://127.0.0.1:\${services.service.port}/health
proxies:
  stock: { protocol: http, upstream: "127.0.0.1:\${services.stock.port}" }
  database: { upstream: "127.0.0.1:\${services.database.port}" }
load: { target: "http://127.0.0.1:\${services.service.port}", rate: 30/s }
phases: { warmup: 1s, baseline: 4s, fault: 5s, recovery: 4s }
slos:
  - attempts(stock) < 2x baseline
  - attempts(stock) <= 1.5x baseline in recovery
  - connections(stock) < 500/s for 2s
  - connections(database) < 500/s
faults:
  - { name: stock answers 503, proxy: stock, http: { status: 503 } }
`;

interface Noted {
  readonly what: string;
  readonly atMs: number;
}

test("what a dependency gets is judged, and counted as the service itself counts it", {
  timeout: 120_000,
}, async () => {
  const folder = await temporaryFolder();
  const log = join(folder, "asked.log");
  const file = join(folder, "scenario.yaml");
  const out = join(folder, "out");
  await writeFile(file, scenario(log));
  const { code, stdout, stderr } = await faultline(["run", file, "--no-history", "--out", out], {
    timeoutMs: 100_000,
  });
  const output = stdout + stderr;
  expect(code, output).toBe(1);
  const report: Report = JSON.parse(await readFile(join(out, "report.json"), "utf8"));
  const record: RunRecord = JSON.parse(await readFile(join(out, "record.json"), "utf8"));
  const noted = (await readFile(log, "utf8"))
    .trim()
    .split("\n")
    .map((line): Noted => ({ what: line.split(" ")[0] ?? "", atMs: Number(line.split(" ")[1]) }));
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

  // Nothing is lost between two phases, or counted twice.
  const stretches = record.phases.flatMap(({ http = [] }) => http);
  const ofStock = noted.filter(({ what }) => what === "stock").length;
  expect(sum(stretches.flatMap(({ seconds }) => seconds.requests))).toBe(ofStock);
  expect(sum(stretches.flatMap(({ seconds }) => seconds.opened))).toBe(ofStock);
  const accepted = record.phases.flatMap((phase) => phase.accepted ?? []);
  expect(new Set(accepted.map(({ proxy }) => proxy))).toEqual(new Set(["database"]));
  expect(sum(accepted.flatMap(({ connections }) => connections))).toBe(
    noted.filter(({ what }) => what === "database").length,
  );

  const slos = report.faults[0]?.slos ?? [];
  expect(slos.map(({ expect: slo, verdict }) => [slo, verdict])).toEqual([
    ["attempts(stock) < 2x baseline", "fail"],
    ["attempts(stock) <= 1.5x baseline in recovery", "pass"],
    ["connections(stock) < 500/s for 2s", "pass"],
    ["connections(database) < 500/s", "pass"],
  ]);
  const [first] = record.phases;
  const msToLoad =
    Date.parse(first?.startedAt ?? "") - Date.parse(record.startedAt) - (first?.startS ?? 0) * 1000;
  /** By the service's own clock, in the seconds that were counted: they begin a little before the phase. */
  const perS = (what: string, kind: RunRecord["phases"][number]["kind"]) => {
    const phase = record.phases.find((each) => each.kind === kind);
    const startS = phase?.http?.[0]?.startS ?? Number.NaN;
    const fromMs = Date.parse(record.startedAt) + msToLoad + startS * 1000;
    const seconds = Math.round((phase?.startS ?? 0) + (phase?.durationS ?? 0) - startS);
    const since = noted.filter((each) => each.what === what && each.atMs >= fromMs);
    return since.filter(({ atMs }) => atMs < fromMs + seconds * 1000).length / seconds;
  };
  const near = (value: unknown, wanted: number) => {
    // On a busy machine a request is seen later than it was noted.
    expect(Number(value), output).toBeGreaterThan(0.85 * wanted);
    expect(Number(value), output).toBeLessThan(1.15 * wanted);
  };
  near(slos[0]?.observed, perS("stock", "fault"));
  near(slos[0]?.baseline, perS("stock", "baseline"));
  near(slos[1]?.observed, perS("stock", "recovery"));
  near(slos[3]?.observed, perS("database", "fault"));
  expect(Number(slos[0]?.observed) / Number(slos[0]?.baseline)).toBeGreaterThan(2.5);
  expect(report.reason).toMatch(
    /attempts\(stock\) rose from [\d.]+\/s to [\d.]+\/s, promised < [\d.]+\/s \(2x baseline\)/,
  );
});
