/** Runs and reports at the edges of what the contracts allow: every format renders them, and says nothing untrue. */

import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import type { Report } from "../../src/analysis/document/report.js";
import type { RunRecord } from "../../src/measure/record.js";
import { REPORTERS } from "../../src/report/registry.js";
import { secondsOfRun } from "../../src/report/shown/seconds-of-run.js";
import { renderTerminal } from "../../src/report/terminal/terminal.js";
import { buildRecord, type RunSketch } from "../helpers/record-builder.js";

function renderAll(record: RunRecord, report: Report): Record<string, string> {
  return {
    ...Object.fromEntries(
      REPORTERS.map((reporter) => [reporter.name, String(reporter.render({ record, report }))]),
    ),
    terminal: renderTerminal(report, record, { columns: 80, color: false }),
  };
}

/** What the run's own text in the page is; the script beside it speaks of NaN and undefined. */
function withoutScripts(text: string): string {
  return text.replace(/<script>[\s\S]*<\/script>/, "").replace(/<style>[\s\S]*?<\/style>/, "");
}

function expectSound(texts: Record<string, string>): void {
  for (const [name, text] of Object.entries(texts)) {
    expect(withoutScripts(text), name).not.toMatch(/\bNaN\b|\bundefined\b|Infinity|\[object/);
    expect(text.length, name).toBeGreaterThan(0);
  }
}

const SKETCHES: Readonly<Record<string, RunSketch>> = {
  "interrupted before the first phase": {
    phases: [],
    faults: [{ name: "cut off", notRun: "the run was interrupted" }],
    ending: { kind: "interrupted", reason: "SIGINT", atS: 0 },
  },
  "interrupted in the middle of a fault": {
    phases: [
      { kind: "baseline", seconds: 3 },
      { kind: "fault", fault: "cut off", seconds: 1, bad: { refused: 1 } },
    ],
    ending: { kind: "interrupted", reason: "SIGTERM", atS: 4 },
  },
  "no SLO at all": { slos: [], phases: [{ kind: "baseline", seconds: 3 }] },
  "no fault": { phases: [{ kind: "baseline", seconds: 3 }] },
  "one request": {
    ratePerS: 1,
    phases: [
      { kind: "baseline", seconds: 1 },
      { kind: "fault", fault: "f", seconds: 1 },
      { kind: "recovery", fault: "f", seconds: 1 },
    ],
  },
  "nothing but failures, the baseline too": {
    phases: [
      { kind: "baseline", seconds: 3, bad: { refused: 1 } },
      { kind: "fault", fault: "f", seconds: 3, bad: { unsent: 1 } },
      { kind: "recovery", fault: "f", seconds: 3, bad: { reset: 1 } },
    ],
  },
  "an SLO for each metric, also of one request and in other phases": {
    requests: ["browse", 'a "quoted" (odd) name < 3'],
    slos: [
      "availability >= 99%",
      "error_rate < 1%",
      "p50 < 1s",
      "p999 < 2s",
      "max < 3s",
      "throughput >= 50/s",
      "recovery < 3s",
      "detection < 5s",
      "p99(browse) < 3x baseline",
      "p99 < 400ms for 5s",
      "availability >= 99% in recovery",
    ],
    phases: [
      { kind: "baseline", seconds: 10 },
      { kind: "fault", fault: "f", seconds: 10, bad: { timeout: 0.3 } },
      { kind: "recovery", fault: "f", seconds: 15 },
    ],
  },
  "a load thread died": {
    phases: [
      { kind: "baseline", seconds: 5 },
      { kind: "fault", fault: "f", seconds: 5, lost: "the load thread ended with code 134" },
      { kind: "recovery", fault: "f", seconds: 5 },
    ],
    ending: { kind: "failed", code: "LOAD_FAILED", reason: "a load thread died", atS: 10 },
  },
  "a search for the breaking point": {
    phases: [
      { kind: "baseline", seconds: 5 },
      { kind: "fault", fault: "how slow", seconds: 5 },
      { kind: "fault", fault: "how slow", seconds: 5 },
      { kind: "recovery", fault: "how slow", seconds: 5 },
    ],
    faults: [
      {
        name: "how slow",
        search: {
          proxy: "inventory",
          attribute: "latency",
          unit: "ms",
          until: "p99 < 400ms",
          holdsUpTo: 250,
          breaksAt: 1500,
          trials: [{ value: 250, phase: "fault-1", verdict: "pass" }],
        },
      },
    ],
  },
};

describe.each(Object.entries(SKETCHES))("%s", (_, sketch) => {
  const record = buildRecord(sketch);
  const report = analyse(record);
  const texts = renderAll(record, report);

  test("renders in every format", () => expectSound(texts));

  test("has the verdict at the top and each fault by its name", () => {
    expect(texts.terminal?.split("\n")[0]?.toLowerCase()).toContain(report.verdict);
    for (const fault of report.faults) {
      for (const name of ["html", "markdown", "junit", "terminal"])
        expect(texts[name], name).toContain(fault.name);
    }
  });

  test("gives Prometheus each sample once", () => {
    const names = texts.prometheus
      ?.split("\n")
      .flatMap((line) => (line.startsWith("#") ? [] : line.replace(/ \S+$/, "")));
    expect(new Set(names).size).toBe(names?.length);
  });
});

test("phases that do not begin on whole seconds and end within one leave their gaps and true rates", () => {
  const whole = buildRecord({
    phases: [
      { kind: "baseline", seconds: 3 },
      { kind: "fault", fault: "f", seconds: 3 },
    ],
  });
  const [baseline, fault] = whole.phases;
  const last = {
    ...baseline!.all,
    scheduled: [100, 100, 50],
    outcomes: { ...baseline!.all.outcomes, ok: [100, 100, 50] },
  };
  const record = {
    ...whole,
    phases: [
      { ...baseline!, startS: 0.25, durationS: 2.5, all: last, requests: [] },
      { ...fault!, startS: 4.125, requests: [] },
    ],
  };
  const html = renderAll(record, analyse(record)).html ?? "";
  const data = JSON.parse(/id="page-data">(.*?)<\/script>/.exec(html)?.[1] ?? "{}");
  expect(data.atS).toEqual([0.25, 1.25, 2.25, 2.75, 3.438, 4.125, 5.125, 6.125, 7.125]);
  // 50 requests in half a second are 100 a second; nothing is drawn in the gap.
  expect(data.ratesPerS.ok.slice(0, 6)).toEqual([100, 100, 100, 100, null, 100]);
});

test("a rest of a second too short for a rate goes with the second before, and late seconds are whole", () => {
  const whole = buildRecord({ phases: [{ kind: "baseline", seconds: 3 }] });
  const [baseline] = whole.phases;
  const withSeconds = (scheduled: readonly number[], durationS: number) => {
    const none = scheduled.map(() => 0);
    const outcomes = { ok: [...scheduled.slice(0, -1), 0], timeout: [...none.slice(1), scheduled.at(-1)!] };
    const nothing = { http_error: none, refused: none, reset: none, unsent: none };
    const all = { ...baseline!.all, scheduled, outcomes: { ...outcomes, ...nothing } };
    return secondsOfRun({ ...whole, phases: [{ ...baseline!, durationS, all, requests: [] }] });
  };
  const seconds = withSeconds([100, 100, 3], 2.03);
  expect(seconds.map(({ scheduled, outcomes }) => [scheduled, outcomes.timeout])).toEqual([
    [100, 0],
    [103, 3],
  ]);
  expect(seconds[1]?.widthS).toBeCloseTo(1.03, 6);
  // The phase was planned for two seconds and cut a second late.
  expect(withSeconds([100, 100, 40], 2).map(({ widthS }) => widthS)).toEqual([1, 1, 1]);
});

test("SLOs with the same target share a line in the chart, named or counted", () => {
  const record = buildRecord({
    slos: ["p99 < 400ms", "p98 < 400ms", "max < 400ms", "p95 < 200ms", "p90 < 200ms"],
    phases: [
      { kind: "baseline", seconds: 5 },
      { kind: "fault", fault: "f", seconds: 5 },
    ],
  });
  const html = renderAll(record, analyse(record)).html ?? "";
  const data = JSON.parse(/id="page-data">(.*?)<\/script>/.exec(html)?.[1] ?? "{}");
  expect(data.latencyLines.map(({ label }: { label: string }) => label)).toEqual([
    "3 SLOs (400 ms)",
    "p95 < 200ms · p90 < 200ms",
  ]);
});
