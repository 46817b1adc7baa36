import { expect, test } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import { compareRuns } from "../../../src/analysis/compare/compare-runs.js";
import type { CheckRecord } from "../../../src/measure/checks/check-record.js";
import { renderComparison } from "../../../src/report/terminal/comparison-lines.js";
import { checkOf, idsLost } from "../../helpers/check-sketch.js";
import { buildRecord, type PhaseSketch } from "../../helpers/record-builder.js";

function reportOf(
  checks: readonly CheckRecord[] | null,
  during: Partial<PhaseSketch> = {},
  slos: readonly string[] = ["availability >= 10%"],
) {
  const record = buildRecord({
    ratePerS: 100,
    slos: [...slos],
    phases: [
      { kind: "baseline", seconds: 40 },
      { kind: "fault", fault: "cache off", seconds: 40, ...during },
      { kind: "recovery", fault: "cache off", seconds: 20 },
    ],
  });
  return analyse(checks === null ? record : { ...record, checks: [...checks] });
}

const shown = (comparison: ReturnType<typeof compareRuns>) =>
  renderComparison(comparison, { columns: 100, color: false });

test("a run that answers better and loses orders has regressed", () => {
  const good = reportOf([idsLost("orders", 0, null)], { bad: { http_error: 0.5 } });
  const lossy = reportOf([idsLost("orders", 81, "cache off")]);
  const comparison = compareRuns(good, lossy);
  expect(comparison.slos.map(({ answer }) => answer)).toContain("improved");
  expect(comparison).toMatchObject({ answer: "regressed", exitCode: 1 });
  expect(comparison.reason).toMatch(/^Regressed: check "orders"\. It held and is broken now: .*81/);
  expect(comparison.checks).toMatchObject([
    { check: "orders", old: "pass", new: "fail", answer: "regressed", because: { id: "broken_now" } },
  ]);
  const lines = shown(comparison).split("\n");
  expect(lines[0]).toBe("✗ REGRESSED");
  expect(lines.find((line) => line.startsWith("  orders"))).toMatch(/pass → fail +✗ regressed$/);
});

test("a check that was broken holds now, or is broken in both, which says nothing of how much", () => {
  const [held, broken] = [reportOf([checkOf("stock", "held")]), reportOf([checkOf("stock", "broken")])];
  expect(compareRuns(broken, held)).toMatchObject({ answer: "fixed", exitCode: 0 });
  const both = compareRuns(broken, broken);
  expect(both.checks).toMatchObject([{ answer: "cannot_tell", undecided: "broken_in_both" }]);
  expect(both.answer).toBe("none_shown");
  expect(shown(both)).toContain("broken in both runs; how much worse it is cannot be told");
  const same = compareRuns(held, held);
  expect(same).toMatchObject({ answer: "same", checks: [{ answer: "same" }] });
  expect(same.reason).toContain("SLOs and checks");
});

test("a check that could not be asked leaves the whole comparison open", () => {
  const comparison = compareRuns(
    reportOf([checkOf("stock", "held")]),
    reportOf([checkOf("stock", "unasked")]),
  );
  expect(comparison).toMatchObject({ answer: "cannot_tell", exitCode: 3 });
  expect(comparison.reason).toContain('check "stock" was invalid in the later run');
});

test("no good headline stands over a run that passed and fails now, whatever it has failed by", () => {
  const without = reportOf(null, { bad: { http_error: 0.5 } });
  expect(without.verdict).toBe("pass");
  const added = compareRuns(without, reportOf([checkOf("stock", "broken")]));
  expect(added).toMatchObject({ answer: "regressed", exitCode: 1 });
  expect(added.reason).toMatch(/^The earlier run passed and this one failed, by what cannot be compared: /);
  expect(added.checks).toMatchObject([{ old: null, new: "fail", undecided: "one_run" }]);
  const promised = reportOf(null, { bad: { http_error: 0.4 } }, [
    "availability >= 10%",
    "availability >= 90%",
  ]);
  expect(compareRuns(without, promised)).toMatchObject({ answer: "regressed", exitCode: 1 });
});

test("a check that only one run has decides nothing where the run still passes", () => {
  const comparison = compareRuns(reportOf([checkOf("stock", "held")]), reportOf(null));
  expect(comparison).toMatchObject({ answer: "none_shown", exitCode: 0 });
  expect(shown(comparison)).toContain('check "stock": Only the earlier run has this check.');
});

test("a changed scenario file is told, as what is expected of answers is not compared", () => {
  const [before, now] = [reportOf(null), reportOf(null)];
  const changed = { ...now, scenario: { ...now.scenario, sha256: "another" } };
  expect(compareRuns(before, now).notes).toEqual([]);
  expect(shown(compareRuns(before, changed))).toContain("the scenario's file was changed");
});
