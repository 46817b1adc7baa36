import { expect, it } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import { compareRuns } from "../../../src/analysis/compare/compare-runs.js";
import { promiseOf } from "../../../src/analysis/document/slo-result.js";
import { buildRecord } from "../../helpers/record-builder.js";

function run(slo: string, startedAt: string) {
  return analyse(
    buildRecord({
      startedAt,
      ratePerS: 100,
      slos: [slo],
      phases: [
        { kind: "baseline", seconds: 40, medianMs: 10 },
        { kind: "fault", fault: "slow cache", seconds: 40, medianMs: 100 },
        { kind: "recovery", fault: "slow cache", seconds: 40, medianMs: 10 },
      ],
    }),
  );
}

it("the same promise in other words is compared with itself", () => {
  const before = run("p99 < 500ms", "2026-03-01T12:00:00.000Z");
  const { slos } = compareRuns(before, run("p99<0.5s", "2026-03-02T12:00:00.000Z"));
  expect(slos.map(({ fault, slo, answer }) => [fault, slo, answer])).toEqual([
    [null, "p99<0.5s", "same"],
    ["slow cache", "p99<0.5s", "same"],
  ]);
  const other = compareRuns(before, run("p99 < 600ms", "2026-03-02T12:00:00.000Z"));
  expect(other.slos).toHaveLength(4);
});

it("a result holds its SLO as it was written, whatever its target came to, and one of an older report is read", () => {
  const [result] = run("p95 < 3x baseline", "2026-03-01T12:00:00.000Z").faults[0]?.slos ?? [];
  expect(result?.target).toBeGreaterThan(30);
  expect(result?.slo).toMatchObject({ target: { kind: "baseline_factor", factor: 3 } });
  expect(result?.slo).not.toHaveProperty("relative");
  expect(promiseOf({ expect: "p95 < 3x baseline" })).toEqual(result?.slo);
  expect(promiseOf({ expect: "back at its SLOs by the end of the recovery" })).toBeNull();
});
