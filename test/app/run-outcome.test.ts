import { expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { batchOutcome, outcomeOf, type ScenarioResult } from "../../src/app/run-outcome.js";
import { DEFAULT_FAIL_ON } from "../../src/report/fail-on.js";
import { SAVED_RUNS } from "../helpers/saved-runs.js";

const passed = analyse(SAVED_RUNS.pass());
const failed = analyse(SAVED_RUNS.fail());
const result = (changes: Partial<ScenarioResult> = {}): ScenarioResult => {
  return { file: "a.yaml", exitCode: 0, report: passed, isCompared: false, ...changes };
};

test("a run's exit code is that of its report, unless its verdict is let through", () => {
  expect(outcomeOf(failed, { failOn: DEFAULT_FAIL_ON, earlier: null })).toEqual({
    exitCode: 1,
    comparison: null,
    mismatches: [],
    letThrough: null,
  });
  const through = outcomeOf(failed, { failOn: [], earlier: null });
  expect(through).toMatchObject({ exitCode: 0, letThrough: expect.stringContaining("--fail-on") });
});

test("an earlier run that is another test is not compared with, and says why", () => {
  const earlier = { ...passed, scenario: { ...passed.scenario, sha256: "another" }, faults: [] };
  const { comparison, mismatches, exitCode } = outcomeOf(passed, { failOn: DEFAULT_FAIL_ON, earlier });
  expect(comparison).toBeNull();
  expect(mismatches.length).toBeGreaterThan(0);
  expect(exitCode).toBe(0);
  expect(outcomeOf(passed, { failOn: DEFAULT_FAIL_ON, earlier: passed }).comparison).not.toBeNull();
});

test("of several runs the worst exit code counts, and a comparison that nobody could make is one of them", () => {
  const batch = (results: readonly ScenarioResult[], isComparing = false, planned = results.length) =>
    batchOutcome(results, { planned, isComparing });
  expect(batch([result(), result({ exitCode: 1 }), result({ exitCode: 3 })]).exitCode).toBe(1);
  expect(batch([result({ exitCode: 5 }), result({ exitCode: 4, report: null })]).exitCode).toBe(5);
  expect(batch([result()], true)).toEqual({ exitCode: 3, notRun: 0, lacksComparison: true });
  expect(batch([result(), result({ isCompared: true })], true).lacksComparison).toBe(false);
  // Nothing was judged that could be compared: that alone is told.
  expect(batch([result({ exitCode: 4, report: null })], true)).toMatchObject({ exitCode: 4 });
  expect(batch([result()], false, 3)).toEqual({ exitCode: 130, notRun: 2, lacksComparison: false });
});
