import { expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { renderDetails } from "../../src/report/html/details.js";
import { SAVED_RUNS } from "../helpers/saved-runs.js";
import { workerRecord } from "../helpers/worker-records.js";

/** The page has a part of many workers. Those that were lost are in it. */

const report = analyse(SAVED_RUNS.fail());

function pageOf(lostFrom: number): string {
  const workers = Array.from({ length: 300 }, (_, at) =>
    workerRecord(`w${String(at).padStart(3, "0")}`, at >= lostFrom),
  );
  return renderDetails({ ...report, workers }).text;
}

test("workers that were lost come first, however far behind in the alphabet", () => {
  const page = pageOf(270);
  for (let at = 270; at < 300; at++) expect(page).toContain(`w${at} on box`);
  expect(page).toContain("w069 on box");
  expect(page).not.toContain("w070 on box");
  expect(page).toContain("200 more workers: see report.json");
});

test("lost ones that have no room are counted", () => {
  expect(pageOf(150)).toContain("200 more workers, 50 of them lost: see report.json");
});
