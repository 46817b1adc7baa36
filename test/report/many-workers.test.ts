import { expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import type { WorkerRecord } from "../../src/measure/workers/worker-record.js";
import { renderDetails } from "../../src/report/html/details.js";
import { SAVED_RUNS } from "../helpers/saved-runs.js";

/** The page has a part of many workers. Those that were lost are in it. */

const report = analyse(SAVED_RUNS.fail());

function worker(at: number, isLost: boolean): WorkerRecord {
  return {
    name: `w${String(at).padStart(3, "0")}`,
    host: "host",
    threads: 1,
    clock: { offsetMs: 0, errorMs: 0 },
    lateMs: 0,
    lost: isLost ? { atS: 5, reason: "its process is gone" } : null,
    phases: [
      {
        id: "baseline",
        scheduled: 0,
        outcomes: { ok: 0 } as WorkerRecord["phases"][number]["outcomes"],
        latencyMs: { p50: null, p99: null, max: null },
      },
    ],
  };
}

function pageOf(lostFrom: number): string {
  const workers = Array.from({ length: 300 }, (_, at) => worker(at, at >= lostFrom));
  return renderDetails({ ...report, workers }).text;
}

test("workers that were lost come first, however far behind in the alphabet", () => {
  const page = pageOf(270);
  for (let at = 270; at < 300; at++) expect(page).toContain(`w${at} on host`);
  expect(page).toContain("w069 on host");
  expect(page).not.toContain("w070 on host");
  expect(page).toContain("200 more workers: see report.json");
});

test("lost ones that have no room are counted", () => {
  expect(pageOf(150)).toContain("200 more workers, 50 of them lost: see report.json");
});
