import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { markdownReporter } from "../../src/report/markdown.js";
import { renderTerminal } from "../../src/report/terminal/terminal.js";
import { buildRecord, type RunSketch } from "../helpers/record-builder.js";

const BROKEN: RunSketch = {
  slos: ["availability >= 99%", "p99 < 400ms", "p99(browse) < 3x baseline", "recovery < 3s"],
  phases: [
    { kind: "baseline", seconds: 40 },
    { kind: "fault", fault: "slow inventory", seconds: 10, medianMs: 320, spread: 0.15 },
    { kind: "recovery", fault: "slow inventory", seconds: 10 },
    { kind: "fault", fault: "inventory cut off", seconds: 10, bad: { timeout: 0.2 } },
    { kind: "recovery", fault: "inventory cut off", seconds: 10 },
  ],
};

function show(sketch: RunSketch, view: { columns?: number; color?: boolean; rows?: number } = {}): string {
  const record = buildRecord(sketch);
  return renderTerminal(analyse(record), record, { columns: 100, color: false, rows: 60, ...view });
}

test("the verdict is the first word, then why, then each fault", () => {
  const lines = show(BROKEN).split("\n");
  expect(lines[0]).toMatch(/^✗ FAIL {2}Shop survives a bad inventory .*score \d+\/100$/);
  const order = ["p99 ", "errors ", "faults ", "1 slow inventory", "2 inventory cut off"].map((start) =>
    lines.findIndex((line) => line.trim().startsWith(start)),
  );
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(order.every((at) => at > 0)).toBe(true);
});

test("each SLO stands with baseline, fault, recovery, target and verdict in a line", () => {
  const row = show(BROKEN)
    .split("\n")
    .filter((line) => line.includes("availability >= 99%"))
    .at(-1);
  expect(row).toMatch(/availability >= 99% +100% +(7|8)\d(\.\d)?% +100% +≥ 99% +✗ fail/);
});

describe.each([60, 80, 100, 200])("%d columns", (columns) => {
  test.each([24, 40])("no line is wider, and %d rows are enough", (rows) => {
    const twenty = Array.from({ length: 20 }, (_, index) => `fault ${index + 1} with a 名前 of some length`);
    const sketch: RunSketch = {
      ...BROKEN,
      phases: [
        { kind: "baseline", seconds: 2 },
        ...twenty.flatMap((fault) => [
          { kind: "fault" as const, fault, seconds: 2, bad: { reset: 0.5 } },
          { kind: "recovery" as const, fault, seconds: 2 },
        ]),
      ],
    };
    const lines = show(sketch, { columns, rows }).trimEnd().split("\n");
    expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(columns);
    expect(lines.length).toBeLessThan(rows);
    expect(lines.join("\n")).toMatch(/✗ fail/);
  });
});

test("an invalid row has its reason under the table, once", () => {
  const late: RunSketch = {
    slos: ["availability >= 99%", "p99 < 400ms"],
    phases: [
      { kind: "baseline", seconds: 40 },
      { kind: "fault", fault: "cut off", seconds: 40, bad: { refused: 0.9 } },
      { kind: "recovery", fault: "cut off", seconds: 40 },
    ],
  };
  const record = buildRecord(late);
  const report = analyse(record);
  const [fault] = report.faults;
  const slos = fault!.slos.map((slo) =>
    slo.unit === "ms" ? { ...slo, verdict: "invalid" as const, reason: "It was not counted." } : slo,
  );
  const shown = { ...report, faults: [{ ...fault!, slos }] };
  const out = renderTerminal(shown, record, { columns: 100, color: false, rows: 60 });
  expect(out.match(/^ {2}invalid: It was not counted\.$/gm)).toHaveLength(1);
  expect(String(markdownReporter.render({ report: shown, record }))).toContain(
    "- Invalid: It was not counted.",
  );
});

test("without colour there is no escape code, with it the words stay the same", () => {
  const plain = show(BROKEN);
  const colored = show(BROKEN, { color: true });
  expect(plain).not.toContain("\u001b");
  expect(colored).toContain("\u001b[31m");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes
  expect(colored.replace(/\u001b\[\d+m/g, "")).toBe(plain);
});

test("the picture shows failures as failures, not as fast answers", () => {
  const lines = show(BROKEN).split("\n");
  expect(lines.find((line) => line.startsWith("  p99"))).toMatch(/×{3,}.*> timeout/);
  expect(lines.find((line) => line.startsWith("  errors"))).toMatch(/[▁-█]{3,}/);
});

test("names cannot drive the terminal or break the layout", () => {
  const evil = "\u001b[2J\u001b]0;owned\u0007 \u202eevil\r\nnext";
  const out = show({
    name: evil,
    phases: [
      { kind: "baseline", seconds: 2 },
      { kind: "fault", fault: evil, seconds: 2 },
    ],
  });
  expect(out).not.toContain("\u001b");
  expect(out).not.toContain("\r");
  expect(out).not.toContain("\u202e");
});

test("a run without any request still says its verdict", () => {
  const out = show({ ratePerS: 0, phases: [{ kind: "baseline", seconds: 3 }] });
  expect(out).toContain("0 requests");
  expect(out).not.toContain("NaN");
});
