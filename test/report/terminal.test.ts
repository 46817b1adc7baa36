import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { renderFaultCards } from "../../src/report/html/fault-cards.js";
import { htmlReporter } from "../../src/report/html/html.js";
import { pageData } from "../../src/report/html/page-data.js";
import { markdownReporter, renderMarkdown } from "../../src/report/markdown/markdown.js";
import { renderTerminal } from "../../src/report/terminal/terminal.js";
import { buildRecord, type PhaseSketch, type RunSketch } from "../helpers/record-builder.js";
import { SAVED_RUNS } from "../helpers/saved-runs.js";

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

test("requests that were not sent are no timeouts: the picture and the words tell them apart", () => {
  const sketch = (bad: PhaseSketch["bad"]): RunSketch => ({
    ...BROKEN,
    phases: [
      { kind: "baseline", seconds: 40 },
      { kind: "fault", fault: "slow inventory", seconds: 10, bad: { unsent: 0.2 } },
      { kind: "recovery", fault: "slow inventory", seconds: 10, bad },
    ],
  });
  const p99Of = (text: string) => text.split("\n").find((line) => line.trim().startsWith("p99 ")) ?? "";
  const unsent = show(sketch({}));
  expect(p99Of(unsent)).toMatch(/○.*not sent \(○\)$/);
  expect(p99Of(unsent)).not.toContain("×");
  expect(unsent).toContain(
    "> timeout: too many requests were not sent; those count as longer than anything.",
  );
  const both = show(sketch({ timeout: 0.2 }));
  expect(p99Of(both)).toMatch(/○.*×.*× > timeout, ○ not sent$/);
  expect(both).toContain("failed or were not sent; both count as longer than anything.");
  expect(show(BROKEN)).toContain("too many requests failed; failures count as longer than anything.");
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

describe("a result and the room there is", () => {
  const twelve: RunSketch = {
    slos: ["availability >= 99%", "p99 < 400ms"],
    evidence: "observed",
    phases: [
      { kind: "baseline", seconds: 3 },
      ...Array.from({ length: 12 }, (_, index) => ({
        kind: "fault" as const,
        fault: `fault ${index + 1}`,
        seconds: 3,
        bad: { reset: index % 2 },
      })),
    ],
  };
  const lines = (rows?: number) => {
    const record = buildRecord(twelve);
    const view = { columns: 80, color: false, ...(rows === undefined ? {} : { rows }) };
    return renderTerminal(analyse(record), record, view).trimEnd().split("\n");
  };

  test("in a log every broken fault has its table, and those that held a line", () => {
    const log = lines();
    expect(log.filter((line) => line.startsWith("  availability >= 99%"))).toHaveLength(6);
    expect(log.filter((line) => /^\d+ fault .*all 2 SLOs held/.test(line))).toHaveLength(6);
    expect(log.join()).not.toContain("see the written reports");
  });

  test("on a small screen each broken fault says what became of its promise", () => {
    const screen = lines(21);
    expect(screen.length).toBeLessThan(21);
    expect(
      screen.filter((line) => /: availability fell from 100% to 0%, promised ≥ 99% +✗ fail$/.test(line)),
    ).toHaveLength(6);
    expect(screen.at(-1)).toMatch(/^… and \d+ more: see the written reports$/);
  });

  test("where even the least does not fit, the verdict stands at the end as well", () => {
    const [first, ...rest] = lines(8);
    expect(first).toMatch(/^✗ FAIL {2}/);
    expect(rest.at(-1)).toBe(first);
  });
});

test("faults that were not run have their reason once, and a baseline that did not hold tells it above", () => {
  const out = show({
    slos: ["availability >= 99%"],
    phases: [{ kind: "baseline", seconds: 40, bad: { http_error: 0.5 }, reasons: { "status 503": 100 } }],
    faults: ["slow", "cut off"].map((name) => ({
      name,
      notRun: "the baseline did not hold: because of this and that",
      notRunBrief: "the baseline did not hold",
    })),
  });
  expect(out).toMatch(/The baseline itself does not hold, so no fault was injected: availability was \d/);
  expect(out.match(/the baseline did not hold/g)).toHaveLength(1);
  expect(out).not.toContain("because of this and that");
});

test("which request a broken promise is mostly about stands under its fault, once, whatever the headline is about", () => {
  const slow = { of: { order: { medianMs: 700 } }, spread: 0.01 };
  const out = show({
    requests: ["browse", "order"],
    slos: ["p99 < 500ms", "p99.9 < 500ms"],
    phases: [
      { kind: "baseline", seconds: 40 },
      ...["slow", "slower"].flatMap((name): PhaseSketch[] => [
        { kind: "fault", fault: name, seconds: 40, ...slow },
        { kind: "recovery", fault: name, seconds: 40 },
      ]),
    ],
  });
  // The headline has it of one fault; the other has it of both SLOs in one line.
  expect(out).toContain("p99, p99.9: All of them were order, slower than 500 ms.");
  expect(out.split("All of them were order").length - 1).toBe(2);
});

test("requests that were due between phases stand in the line of facts", () => {
  const outcomes = { ok: 50, http_error: 3, timeout: 0, refused: 0, reset: 0, unsent: 0 };
  const phases: PhaseSketch[] = [{ kind: "baseline", seconds: 40 }];
  expect(show({ phases, unjudged: { scheduled: 53, outcomes } })).toContain(
    "4,000 requests and 53 between phases (3 failed)",
  );
  expect(show({ phases })).not.toContain("between phases");
});

test("how a bad answer of the baseline began stands under it", () => {
  const out = show({
    slos: ["availability >= 99%"],
    phases: [
      {
        kind: "baseline",
        seconds: 40,
        bad: { http_error: 0.5 },
        reasons: { "status 503": 100 },
        samples: [{ reason: "status 503", request: "browse", status: 503, body: "no database" }],
      },
    ],
    faults: [],
  });
  expect(out).toContain('› An answer to "browse" with status 503 began: no database');
});

test("the mildest trial comes first where less is worse, as of bandwidth", () => {
  const record = SAVED_RUNS.search();
  const values = [10, 10_000, 100, 1000];
  const faults = record.faults.map((fault) => {
    if (!fault.search) return fault;
    const trials = fault.search.trials.map((trial, index) => ({ ...trial, value: values[index] ?? 0 }));
    const found = { attribute: "bandwidth", unit: "KB/s", holdsUpTo: 1000, breaksAt: 100 };
    return { ...fault, search: { ...fault.search, ...found, trials } };
  });
  const narrow = { ...record, faults };
  const report = analyse(narrow);
  const rows = (text: string, row: RegExp) => [...text.matchAll(row)].map(([, value]) => value);
  const mildestFirst = ["10,000", "1,000", "100", "10"];
  const terminal = renderTerminal(report, narrow, { columns: 100, color: false });
  expect(rows(terminal, /^ +([\d,]+) KB\/s +p99/gm)).toEqual(mildestFirst);
  expect(rows(renderMarkdown(report), /^\| ([\d,]+) KB\/s \|/gm)).toEqual(mildestFirst);
  expect(rows(renderFaultCards(report).text, /<th scope="row">([\d,]+) KB\/s</g)).toEqual(mildestFirst);
  const { windows } = pageData(report, narrow);
  expect(windows.flatMap(({ trials }) => trials.map(({ name }) => name))).toEqual(
    mildestFirst.map((value) => `${value} KB/s`),
  );
});

test("a search shows each trial, from the mildest on, and marks it in the picture", () => {
  const record = SAVED_RUNS.search();
  const out = renderTerminal(analyse(record), record, { columns: 100, color: false });
  const trials = out.split("\n").filter((line) => /^ +\d+ ms +p99/.test(line));
  expect(trials.map((line) => line.trim().split(/ {2,}/).at(0))).toEqual([
    "0 ms",
    "200 ms",
    "400 ms",
    "800 ms",
  ]);
  expect(trials.map((line) => line.at(-1))).toEqual(["s", "s", "l", "l"]);
  expect(out).toMatch(/faults +▔+✗▔+ +▔+✓▔+ +▔+✗▔+ +▔+✓▔+/);
  expect(out).not.toContain("recovery not measured");
});

test("where a quantile reads > timeout, every report for people says what that is", () => {
  const record = buildRecord(BROKEN);
  const report = analyse(record);
  const note = "too many requests failed; failures count as longer than anything";
  const without = buildRecord({ ...BROKEN, phases: BROKEN.phases.slice(0, 3) });
  expect(show(BROKEN)).toContain(note);
  expect(renderMarkdown(report)).toContain(note);
  expect(String(htmlReporter.render({ report, record })).match(new RegExp(note, "g"))).toHaveLength(2);
  expect(renderMarkdown(analyse(without))).not.toContain(note);
  expect(String(htmlReporter.render({ report: analyse(without), record: without }))).not.toContain(note);
});

test("the limit of one request is no line in the charts, which show all of them", () => {
  const slos = ["p99 < 400ms", "p99(browse) < 300ms", "throughput >= 90/s", "throughput(browse) >= 80/s"];
  const record = buildRecord({ ...BROKEN, slos });
  const { latencyLines, throughputLines, distribution } = pageData(analyse(record), record);
  const labels = (lines: readonly { readonly label: string }[]) => lines.map(({ label }) => label);
  expect(labels(latencyLines)).toEqual(["p99 < 400ms"]);
  expect(labels(throughputLines)).toEqual(["throughput >= 90/s"]);
  expect(labels(distribution.promises)).toEqual(["p99 < 400ms"]);
});

test("the distribution marks each promise at its percentile, what no request may miss at the end", () => {
  const slos = ["p50 < 400ms", "p99 < 400ms", "p99 <= 400ms", "max < 2s", "availability >= 99%"];
  const record = buildRecord({ ...BROKEN, slos });
  const { axis, promises } = pageData(analyse(record), record).distribution;
  expect(promises).toEqual([
    { label: "p50 < 400ms", value: 400, position: 0.301 },
    { label: "p99 < 400ms · p99 <= 400ms", value: 400, position: 2 },
    { label: "max < 2s", value: 2_000, position: axis.at(-1) },
  ]);
});
