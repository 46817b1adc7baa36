import { expect, test } from "vitest";
import { lostWorkerLines, lostWorkersText } from "../../../src/analysis/wording/worker-sentences.js";
import { workerRecord } from "../../helpers/worker-records.js";

const names = (count: number) => Array.from({ length: count }, (_, at) => `w${at}`);

test("of many lost workers the first are named, and the rest are counted", () => {
  const share = { lost: 30, due: 100 };
  expect(lostWorkersText(names(1), share)).toMatch(/^Worker w0 was lost, so/);
  expect(lostWorkersText(names(3), share)).toMatch(/^Workers w0, w1, w2 were lost, so/);
  expect(lostWorkersText(names(10), share)).toMatch(/, w8, w9 were lost, so/);
  expect(lostWorkersText(names(300), share)).toMatch(/, w8, w9 and 290 others were lost, so/);
});

test("a line for each lost worker, and one for all beyond the first ten", () => {
  expect(lostWorkerLines(names(3).map((name) => workerRecord(name, name === "w1")))).toEqual([
    "Worker w1 on box was lost after 4 s: its process is gone, or its connection.",
  ]);
  const many = lostWorkerLines(names(310).map((name) => workerRecord(name, true)));
  expect(many).toHaveLength(11);
  expect(many.at(-1)).toBe("300 more workers were lost: report.json says when and why.");
  expect(lostWorkerLines(names(11).map((name) => workerRecord(name, true))).at(-1)).toMatch(
    /^1 more worker was lost/,
  );
});
