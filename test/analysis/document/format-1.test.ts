/**
 * Records and reports as earlier versions wrote them, of one run each: faults in stages, down and searched for; and a run
 * in the closed model that an abort condition ended before its second fault.
 */

import { copyFileSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import { compareRuns } from "../../../src/analysis/compare/compare-runs.js";
import { readReport } from "../../../src/analysis/document/read-report.js";
import type { Report } from "../../../src/analysis/document/report.js";
import { readRecord } from "../../../src/measure/read-record.js";
import type { RunRecord } from "../../../src/measure/record.js";
import { readPastRuns } from "../../../src/report/history/read-past-runs.js";
import { historyOf } from "../../../src/report/history/trends.js";
import { REPORTERS } from "../../../src/report/registry.js";

const NAMES = ["search", "aborted"];

function fixture(folder: "records" | "reports", name: string): string {
  return fileURLToPath(new URL(`../../fixtures/${folder}/format-1-${name}.json`, import.meta.url));
}

/** What a reader goes by. */
function essence({ verdict, reason, faults }: Report) {
  return {
    verdict,
    reason,
    faults: faults.map((fault) => ({
      name: fault.name,
      verdict: fault.verdict,
      description: fault.injection.description,
      slos: fault.slos.map(({ expect, phase, verdict, observed }) => [expect, phase, verdict, observed]),
    })),
  };
}

describe.each(NAMES)("the run of an earlier version: %s", (name) => {
  test("its record is judged as it was then, and each format renders it", async () => {
    const record = await readRecord(fixture("records", name));
    const report = analyse(record);
    expect(essence(report)).toEqual(essence(await readReport(fixture("reports", name))));
    for (const reporter of REPORTERS) expect(reporter.render({ report, record }).length).toBeGreaterThan(100);
  });

  test("its report and its record are the same test, though only the record tells what was done as data", async () => {
    const report = await readReport(fixture("reports", name));
    const anew = analyse(await readRecord(fixture("records", name)));
    expect(report.faults.every(({ injection }) => injection.actions === undefined)).toBe(true);
    expect(anew.faults.some(({ injection }) => injection.actions !== undefined)).toBe(true);
    const { mismatches, notes, slos } = compareRuns(report, anew);
    expect([mismatches, notes]).toEqual([[], []]);
    expect(slos.map(({ answer }) => answer)).not.toContain("regressed");
  });
});

test("history reads reports of an earlier version", async () => {
  const folder = mkdtempSync(join(tmpdir(), "faultline-history-"));
  for (const name of NAMES) {
    mkdirSync(join(folder, name));
    copyFileSync(fixture("reports", name), join(folder, name, "report.json"));
  }
  const { runs, unreadable } = await readPastRuns(folder);
  expect(unreadable).toEqual([]);
  const histories = historyOf(runs);
  expect(histories.map(({ name }) => name).sort()).toEqual([
    "Closed model, ended by an abort condition",
    "How slow may the inventory be?",
  ]);
  expect(histories.flatMap(({ breakingPoints }) => breakingPoints.map(({ what }) => what))).toEqual([
    "latency on inventory until p95 < 300ms",
  ]);
});

describe("the same test or another", () => {
  /** The record with another deed of its second fault. */
  const withDown = (record: RunRecord, change: (text: string) => string): RunRecord => ({
    ...record,
    faults: record.faults.map((fault) =>
      fault.name === "inventory down"
        ? { ...fault, actions: JSON.parse(change(JSON.stringify(fault.actions))) }
        : fault,
    ),
  });

  test("is told by what was done, not by what it is called", async () => {
    const record = await readRecord(fixture("records", "search"));
    const renamed = withDown(record, (text) => text.replace('"kind":"down"', '"kind":"outage"'));
    const [before, after] = [analyse(record), analyse(renamed)];
    expect(after.faults[1]?.injection.description).not.toBe(before.faults[1]?.injection.description);
    expect(compareRuns(before, after).mismatches).toEqual([]);
  });

  test("is told by what was done, though it reads the same", async () => {
    const record = await readRecord(fixture("records", "search"));
    const other = withDown(record, (text) => text.replace('"down":true', '"down":true,"also":"reject"'));
    const [before, after] = [analyse(record), analyse(other)];
    expect(after.faults[1]?.injection.description).toBe(before.faults[1]?.injection.description);
    expect(compareRuns(before, after).mismatches).toEqual([
      expect.stringMatching(/^fault "inventory down": /),
    ]);
  });

  test("a later stage of a fault counts, and where a search looks", async () => {
    const record = await readRecord(fixture("records", "search"));
    const [staged, down, searched] = record.faults;
    const search = searched?.search;
    if (!staged || !down || !searched || !search) throw new Error("the record has other faults");
    const sooner = { ...staged, stages: staged.stages?.map((stage) => ({ ...stage, atMs: stage.atMs + 1 })) };
    const elsewhere = { ...searched, search: { ...search, proxy: "database" } };
    const found = { ...searched, search: { ...search, holdsUpTo: 200 } };
    const mismatchesWith = (faults: RunRecord["faults"]) =>
      compareRuns(analyse(record), analyse({ ...record, faults })).mismatches.length;
    expect(mismatchesWith([sooner, down, searched])).toBe(1);
    expect(mismatchesWith([staged, down, elsewhere])).toBe(1);
    expect(mismatchesWith([staged, down, found])).toBe(0);
  });
});
