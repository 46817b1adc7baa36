import { expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { withComparison } from "../../src/analysis/compare/with-comparison.js";
import { reportSchema } from "../../src/analysis/document/report.js";
import { outcomeOf } from "../../src/app/run-outcome.js";
import { DEFAULT_FAIL_ON } from "../../src/report/fail-on.js";
import { annotations } from "../../src/report/formats/github.js";
import { buildRecord, type PhaseSketch } from "../helpers/record-builder.js";
import { reporterNamed } from "../helpers/reporters.js";

function recordOf(during: Partial<PhaseSketch> = {}, slos = ["availability >= 10%"]) {
  return buildRecord({
    ratePerS: 100,
    slos,
    phases: [
      { kind: "baseline", seconds: 40 },
      { kind: "fault", fault: "cache off", seconds: 40, ...during },
      { kind: "recovery", fault: "cache off", seconds: 20 },
    ],
  });
}

const good = analyse(recordOf());
const record = recordOf({ bad: { http_error: 0.5 } });
const plain = analyse(record);
const report = withComparison(plain, good);
const rendered = (name: string, of = report) => String(reporterNamed(name).render({ report: of, record }));

test("a run that passed and has regressed says so in every file, and its exit code is the command's", () => {
  expect(plain).toMatchObject({ verdict: "pass", exitCode: 0 });
  const outcome = outcomeOf(plain, { failOn: DEFAULT_FAIL_ON, earlier: good });
  expect(outcome.exitCode).toBe(1);
  expect(outcomeOf(report, { failOn: DEFAULT_FAIL_ON, earlier: good })).toEqual(outcome);
  expect(report).toMatchObject({ verdict: "pass", exitCode: 1, comparison: { answer: "regressed" } });
  expect(reportSchema.parse(JSON.parse(rendered("json")))).toMatchObject({
    exitCode: 1,
    comparison: { answer: "regressed", earlier: { startedAt: good.startedAt, verdict: "pass" } },
  });
  expect(JSON.parse(rendered("verdict"))).toMatchObject({
    decision: "fail",
    exitCode: 1,
    verdict: "pass",
    comparison: { answer: "regressed", reason: expect.stringContaining("cache off") },
  });
  const junit = rendered("junit");
  expect(junit).toMatch(
    /<testsuite name="compared with the earlier run" tests="\d+" failures="2" errors="0"/,
  );
  expect(junit).toMatch(/<testcase [^>]*name="no regression"[^>]*>\s*<failure message="Against the run of/);
  expect(rendered("prometheus")).toMatch(/faultline_run_exit_code\{[^}]*\} 1/);
  expect(rendered("markdown")).toContain(`**✗ Against the run of ${good.startedAt}: regressed.** Regressed:`);
  expect(rendered("html")).toContain(`✗ Against the run of ${good.startedAt}: regressed.`);
  expect(annotations(report)).toMatch(/^::error [^\n]*regressed::/m);
});

test("a run that has not regressed keeps its exit code, and says with what it was compared", () => {
  const same = withComparison(good, good);
  expect(same).toMatchObject({ exitCode: 0, comparison: { answer: "same" } });
  expect(JSON.parse(rendered("verdict", same)).decision).toBe("pass");
  expect(rendered("junit", same)).toMatch(
    /<testsuite name="compared with the earlier run" [^>]*failures="0"/,
  );
  expect(rendered("junit", plain)).not.toContain("earlier run");
  expect(withComparison(good, null)).toBe(good);
});

test("an earlier run that is another test is named as such, and nothing is said of it", () => {
  const other = { ...good, scenario: { ...good.scenario, name: "another" } };
  const told = withComparison(plain, other);
  expect(told).toMatchObject({ exitCode: 0, comparison: { answer: "another_test", rows: [] } });
  expect(rendered("markdown", told)).toContain('scenario: "another" before');
  expect(rendered("junit", told)).toMatch(
    /name="no regression"[^>]*>\s*<skipped message="[^"]*not compared"/,
  );
});

test("a run that failed by itself keeps its verdict and its exit code", () => {
  const failed = analyse(recordOf({ bad: { http_error: 0.95 } }));
  expect(withComparison(failed, good)).toMatchObject({ verdict: "fail", exitCode: 1 });
});
