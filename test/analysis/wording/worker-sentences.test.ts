import { expect, test } from "vitest";
import { lostWorkerLines, lostWorkersText } from "../../../src/analysis/wording/worker-sentences.js";
import { OUTCOMES, perOutcome } from "../../../src/measure/outcome.js";
import type { WorkerRecord } from "../../../src/measure/workers/worker-record.js";

const names = (count: number) => Array.from({ length: count }, (_, at) => `w${at}`);

function worker(name: string, isLost: boolean): WorkerRecord {
  return {
    name,
    host: "box",
    threads: 1,
    clock: { offsetMs: 0, errorMs: 0.1 },
    lateMs: 0,
    lost: isLost ? { atS: 4, reason: "its process is gone, or its connection" } : null,
    phases: [
      {
        id: "baseline",
        scheduled: 10,
        outcomes: perOutcome((_, at) => (OUTCOMES[at] === "ok" ? 10 : 0)),
        latencyMs: { p50: 1, p99: 2, max: 3 },
      },
    ],
  };
}

test("of many lost workers the first are named, and the rest are counted", () => {
  const share = { lost: 30, due: 100 };
  expect(lostWorkersText(names(1), share)).toMatch(/^Worker w0 was lost, so/);
  expect(lostWorkersText(names(3), share)).toMatch(/^Workers w0, w1, w2 were lost, so/);
  expect(lostWorkersText(names(10), share)).toMatch(/, w8, w9 were lost, so/);
  expect(lostWorkersText(names(300), share)).toMatch(/, w8, w9 and 290 others were lost, so/);
});

test("a line for each lost worker, and one for all beyond the first ten", () => {
  expect(lostWorkerLines(names(3).map((name) => worker(name, name === "w1")))).toEqual([
    "Worker w1 on box was lost after 4 s: its process is gone, or its connection.",
  ]);
  const many = lostWorkerLines(names(310).map((name) => worker(name, true)));
  expect(many).toHaveLength(11);
  expect(many.at(-1)).toBe("300 more workers were lost: report.json says when and why.");
  expect(lostWorkerLines(names(11).map((name) => worker(name, true))).at(-1)).toMatch(
    /^1 more worker was lost/,
  );
});
