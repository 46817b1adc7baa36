import { expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { ledgerLineSchema } from "../../src/ledger/ledger-line.js";
import { lineOfRun } from "../../src/ledger/line-of-run.js";
import type { RunRecord } from "../../src/measure/record.js";
import { toxicOn } from "../helpers/actions.js";
import { buildRecord } from "../helpers/record-builder.js";
import { SAVED_RUNS } from "../helpers/saved-runs.js";

const PROVENANCE = {
  sources: [{ file: "chaos/shop.yaml", sha256: "b" }],
  lockFiles: [{ file: "package-lock.json", sha256: "c" }],
  commit: "0123abc",
  whole: true,
};

function lineOf(record: RunRecord) {
  const report = analyse(record);
  return lineOfRun({ report, record }, PROVENANCE, { id: "1", folder: "20260301-120000-shop" });
}

test("a line tells of each fault what was done to what, and the verdict of each request", () => {
  const line = lineOf(SAVED_RUNS.fail());
  expect(line.scenario.file).toBe("chaos/shop.yaml");
  expect(line.commit).toBe("0123abc");
  expect(line.faults.map(({ name, verdict, kinds }) => ({ name, verdict, kinds }))).toEqual([
    { name: "slow inventory", verdict: "fail", kinds: ["latency"] },
    { name: "inventory cut off", verdict: "fail", kinds: ["latency"] },
    { name: "inventory resets connections", verdict: "fail", kinds: ["latency"] },
  ]);
  expect(new Set(line.faults.flatMap(({ dependencies }) => dependencies))).toEqual(new Set(["inventory"]));
  const [, cutOff] = line.faults;
  expect(cutOff?.requests.map(({ request }) => request).sort()).toEqual(["checkout", null].sort());
  expect(cutOff?.requests.find(({ request }) => request === null)?.verdict).toBe("fail");
  expect(cutOff?.reason).not.toBe("");
});

test("every kind of run makes a line that reads back as it is", () => {
  for (const name of ["pass", "load-test", "invalid", "aborted", "hostile"] as const) {
    const line = lineOf(SAVED_RUNS[name]());
    expect(ledgerLineSchema.parse(JSON.parse(JSON.stringify(line))), name).toEqual(line);
  }
});

test("a search leaves its breaking point, on the dependency that it searched", () => {
  const [fault] = lineOf(SAVED_RUNS.search()).faults.filter(({ search }) => search !== null);
  expect(fault?.search).toMatchObject({ attribute: "latency", unit: "ms" });
  expect(fault?.dependencies.length).toBeGreaterThan(0);
  expect(fault?.kinds).toContain("latency");
});

test("rounds of one fault are one fault, and the worst of them counts", () => {
  const round = (name: string, medianMs: number) => [
    { kind: "fault" as const, fault: name, seconds: 40, medianMs },
    { kind: "recovery" as const, fault: name, seconds: 40 },
  ];
  const record = buildRecord({
    slos: ["p99 < 400ms"],
    phases: [
      { kind: "baseline", seconds: 40 },
      ...round("slow cache", 900),
      ...round("slow cache (round 2)", 5),
    ],
    faults: [
      { name: "slow cache", actions: [toxicOn("cache", "latency")] },
      { name: "slow cache (round 2)", actions: [toxicOn("database", "latency")] },
    ],
  });
  const rounds = record.faults.map((fault, index) =>
    index === 1 ? { ...fault, round: { of: "slow cache", number: 2 } } : fault,
  );
  const line = lineOf({ ...record, faults: rounds });
  expect(line.faults).toHaveLength(1);
  expect(line.faults[0]).toMatchObject({
    name: "slow cache",
    verdict: "fail",
    dependencies: ["cache", "database"],
    requests: [{ request: null, verdict: "fail" }],
  });
});
