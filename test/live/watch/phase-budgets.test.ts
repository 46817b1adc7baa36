import { expect, it } from "vitest";
import { PhaseBudgets } from "../../../src/live/watch/phase-budgets.js";
import { EMPTY_SPARSE_HISTOGRAM } from "../../../src/measure/histogram.js";
import { sloOf } from "../../helpers/record-builder.js";

it("tells how much is used up of what may fail, and nothing of promises on other answers", () => {
  const slos = ["availability >= 90%", "degraded < 5%", "failed.p50 < 300ms", "error_rate < 10% for 3s"].map(
    sloOf,
  );
  const phase = { kind: "baseline", fault: null, trial: null, startS: 0, plannedS: 10 } as const;
  const budgets = new PhaseBudgets(slos, phase, []);
  const outcomes = { ok: 95, http_error: 5, timeout: 0, refused: 0, reset: 0, unsent: 0 };
  budgets.add({ atMs: 0, intervalMs: 1000, outcomes, p99Ms: null, latency: EMPTY_SPARSE_HISTOGRAM });
  expect(budgets.soFar()).toEqual([
    { slo: "availability >= 90%", allowedShare: 0.1, badShare: 0.05, used: 0.5 },
  ]);
});
