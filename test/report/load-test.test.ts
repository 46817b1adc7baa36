import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { pageData } from "../../src/report/html/page-data.js";
import { REPORTERS } from "../../src/report/registry.js";
import { renderTerminal } from "../../src/report/terminal/terminal.js";
import { buildRecord, type PhaseSketch, type RunSketch } from "../helpers/record-builder.js";

const LIMIT = "No fault was injected, so this run says nothing of resilience.";

function loadTest(baseline: Partial<PhaseSketch>, more: Partial<RunSketch> = {}) {
  const record = buildRecord({
    slos: ["availability >= 99%", "p99 < 400ms"],
    phases: [
      { kind: "warmup", seconds: 2 },
      { kind: "baseline", seconds: 40, ...baseline },
    ],
    ...more,
  });
  const report = analyse(record);
  const render = (name: string) => {
    const reporter = REPORTERS.find((each) => each.name === name);
    return String(reporter?.render({ report, record }));
  };
  const terminal = renderTerminal(report, record, { columns: 80, color: false, rows: 24 });
  return { record, report, render, terminal };
}

describe("a run without faults", () => {
  test("passes when its SLOs hold over the baseline, and says what it does not say", () => {
    const { report, terminal, render } = loadTest({});
    expect(report).toMatchObject({ verdict: "pass", exitCode: 0, score: null, faults: [] });
    expect(report.reason).toMatch(/^Every SLO held under this load, without any fault\./);
    expect(report.limits).toContain(LIMIT);
    for (const text of [terminal, render("markdown"), render("html")]) expect(text).toContain(LIMIT);
    for (const text of [terminal, render("markdown"), render("html")])
      expect(text).toContain("no fault injected");
    expect(render("html")).toContain("Load test report");
    expect(terminal + render("markdown")).not.toMatch(/score \d|Toxiproxy/);
  });

  test("fails with exit code 1 when one is broken", () => {
    const { report } = loadTest({ medianMs: 600 });
    expect(report).toMatchObject({ verdict: "fail", exitCode: 1, score: null });
    expect(report.reason).toMatch(/^Without a fault: p99 was .*, promised < 400 ms\./);
  });

  test("is undecided when it was too short or the load generator was late", () => {
    expect(loadTest({ seconds: 10 }).report).toMatchObject({ verdict: "inconclusive", exitCode: 3 });
    const late = loadTest({ lagMs: 200, medianMs: 250 }).report;
    expect(late).toMatchObject({ verdict: "inconclusive", exitCode: 3 });
    expect(late.reason).toMatch(/generator's own lateness decides/);
  });

  test("is no pass when none of its SLOs is about load alone", () => {
    const { report } = loadTest({}, { slos: ["recovery < 5s", "p99 < 3x baseline"] });
    expect(report).toMatchObject({ verdict: "inconclusive", exitCode: 3 });
    expect(report.reason).toMatch(/nothing was judged\.$/);
  });

  test("shows its SLOs in every format, with no column for faults", () => {
    const { terminal, render, report, record } = loadTest({});
    expect(terminal).toMatch(/^ {2}SLO +baseline +target +verdict$/m);
    expect(terminal).toMatch(/^ {2}p99 < 400ms +[\d.]+ ms +< 400 ms +✓ pass$/m);
    expect(render("markdown")).toContain("| SLO | Baseline | Target | 98% interval | Verdict |");
    expect(render("markdown")).toMatch(
      /\| `p99 < 400ms` \| \*\*[\d.]+ ms\*\* \| < 400 ms \| .* \| ✓ pass \|/,
    );
    expect(render("html")).toMatch(/Baseline.*<code>p99 &lt; 400ms<\/code>.*✓/s);
    expect(render("junit")).toMatch(/<testsuite name="baseline" tests="2" failures="0" errors="0"/);
    expect(render("prometheus")).toMatch(/faultline_slo_passed\{[^}]*fault="",slo="p99 < 400ms"[^}]*\} 1/);
    expect(pageData(report, record).latencyLines).toEqual([
      { label: "p99 < 400ms", value: 400, fromS: null, toS: null },
    ]);
  });

  test("and a run that was interrupted before its faults is none", () => {
    const { record } = loadTest({});
    const plannedPhases = [
      ...record.plannedPhases,
      {
        id: "fault-1",
        kind: "fault" as const,
        fault: "slow",
        startMs: 42_000,
        durationMs: 1000,
        expectedRequests: 100,
      },
    ];
    const ending = { kind: "interrupted" as const, reason: "SIGINT", atS: 42 };
    expect(analyse({ ...record, plannedPhases, ending }).limits).not.toContain(LIMIT);
  });
});
