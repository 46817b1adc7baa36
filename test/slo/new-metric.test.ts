import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { decidability } from "../../src/analysis/decidability.js";
import { slosForRecord } from "../../src/analysis/slo/slos-for-record.js";
import { resolveAgainstBaseline } from "../../src/analysis/slo/targets.js";
import { EMPTY_SPARSE_HISTOGRAM } from "../../src/measure/histogram.js";
import { parseRecord } from "../../src/measure/read-record.js";
import { renderMarkdown } from "../../src/report/markdown/markdown.js";
import { AbortMonitor } from "../../src/run/phases/abort-monitor.js";
import { parseSlo } from "../../src/slo/parse.js";
import { root } from "../helpers/faultline.js";
import { patched, patchesOf } from "../helpers/plugged-copy.js";
import { buildRecord, sloOf } from "../helpers/record-builder.js";
import { checkText, scenarioText } from "../helpers/scenario-files.js";

/** What a new metric takes: its file, and its line in the table. */
vi.mock(import("../../src/slo/metrics/table.js"), async (original) => {
  const { METRICS } = await original();
  const { prompt } = await import("./prompt.js");
  return { METRICS: [...METRICS, prompt] };
});

const FAULT = "slow cache";

function run(...slos: string[]) {
  return buildRecord({
    ratePerS: 100,
    timeoutMs: 5000,
    slos,
    phases: [
      { kind: "baseline", seconds: 40, medianMs: 100 },
      { kind: "fault", fault: FAULT, seconds: 40, medianMs: 950 },
      {
        kind: "recovery",
        fault: FAULT,
        seconds: 40,
        medianMs: 100,
        at: (s) => (s < 3 ? { medianMs: 2000 } : {}),
      },
    ],
  });
}

it("takes its file and its entry in the table", async () => {
  const guide = await readFile(join(root, "CONTRIBUTING.md"), "utf8");
  const blocks = [...guide.matchAll(/```diff\n([\s\S]*?)```/g)].map(([, block = ""]) =>
    block.replaceAll(/^ {2}/gm, ""),
  );
  const [patch, ...others] = patchesOf(blocks.find((block) => block.includes("prompt")) ?? "");
  expect(others).toEqual([]);
  expect(patch?.file).toBe("src/slo/metrics/table.ts");
  const lines = patch?.lines ?? [];
  const before = await readFile(join(root, "src/slo/metrics/table.ts"), "utf8");
  const after = patched(before, lines).split("\n");
  expect(after.filter((line) => !before.split("\n").includes(line))).toEqual([
    'import { prompt } from "./prompt.js";',
    "  prompt,",
  ]);
  expect(after.indexOf("  prompt,")).toBe(after.indexOf("];") - 1);
});

it("is read, complained about and suggested as all others are", () => {
  expect(parseSlo("prompt >= 99%")).toMatchObject({ ok: true, slo: { metric: { kind: "prompt" } } });
  expect(parseSlo("prompt < 99%")).toMatchObject({ ok: false, error: { suggestion: ">" } });
  expect(parseSlo("snappy >= 99%")).toMatchObject({ ok: false, error: { suggestion: "prompt" } });
});

it("is judged in every phase, timed, scored and told of", () => {
  const report = analyse(run("prompt >= 99%", "recovery < 20s", "detection < 5s"));
  expect(report.baseline.slos).toMatchObject([{ expect: "prompt >= 99%", verdict: "pass", unit: "ratio" }]);
  const [fault] = report.faults;
  const [promised] = fault?.slos ?? [];
  expect(promised).toMatchObject({ verdict: "fail", phase: "fault", target: 0.99 });
  expect(promised?.reason).toMatch(
    /^[\d,]+ of 4,000 requests \([\d.]+%\) failed or took longer than 1 s; 1% may\.$/,
  );
  const [lower, upper] = promised?.interval ?? [];
  expect(lower).toBeLessThan(Number(promised?.observed));
  expect(upper).toBeGreaterThan(Number(promised?.observed));
  expect(fault?.detection.seconds).toBe(1);
  expect(fault?.recovery.seconds).toBe(3);
  expect(fault?.comparison).toMatchObject([{ slo: "prompt >= 99%", degraded: true }]);
  expect(fault?.errorBudget?.sentence).toContain("error budget of prompt >= 99%");
  expect(report.score?.explanation).toContain('"prompt >= 99%"');
  expect(renderMarkdown(report)).toContain("prompt fell from");
});

it("is judged by its worst window, and against the baseline", () => {
  const record = run("prompt >= 50% for 10s", "prompt >= baseline - 5%");
  const [, relative] = resolveAgainstBaseline(record.slos, record.phases[0] ?? null);
  expect(relative?.target).toEqual({ kind: "absolute", value: 0.95, unit: "ratio" });
  const [fault] = analyse(record).faults;
  expect(fault?.slos.map(({ verdict }) => verdict)).toEqual(["pass", "fail"]);
});

it("is in a record that was read, and asked of one afterwards", () => {
  const record = parseRecord(JSON.stringify(run("prompt >= 99%")), "record.json");
  expect(analyse(record).faults[0]?.slos[0]?.verdict).toBe("fail");
  expect(slosForRecord(["prompt >= 40%"], record)).toMatchObject([{ metric: { kind: "prompt" } }]);
});

it("is known to a scenario's checks and to what can be decided before a run", async () => {
  const text = scenarioText().replace("availability >= 99%", "prompt >= 99.9%");
  const { plan } = await checkText(text);
  const lines = plan ? decidability(plan) : [];
  expect(lines.map(({ answer }) => answer)).toContain("undecidable");
  expect(lines[0]?.sentence).toContain("prompt >= 99.9% cannot pass");
});

it("aborts a run", () => {
  const read = parseSlo("prompt < 50% for 1s", { use: "abort" });
  const monitor = new AbortMonitor(read.ok ? [{ condition: read.slo }] : []);
  const none = { http_error: 0, timeout: 0, refused: 0, reset: 0, unsent: 0, unsentByGenerator: 0 };
  const sample = (slow: number) => ({
    segmentId: "fault",
    atMs: 0,
    intervalMs: 1000,
    outcomes: { ...none, ok: 100 },
    requests: new Map(),
    p99Ms: null,
    latency: EMPTY_SPARSE_HISTOGRAM,
    slow: [slow],
  });
  expect(monitor.feed(sample(49))).toBeNull();
  expect(monitor.feed(sample(60))).toBe("prompt < 50% for 1s: 40% were prompt in the last 1 s");
  expect(sloOf("prompt >= 1%").windowS).toBeNull();
});
