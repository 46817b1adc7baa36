import { describe, expect, test } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import type { RunRecord } from "../../../src/measure/record.js";
import { htmlReporter } from "../../../src/report/html/html.js";
import { renderMarkdown } from "../../../src/report/markdown/markdown.js";
import { renderTerminal } from "../../../src/report/terminal/terminal.js";
import { buildRecord, type PhaseSketch } from "../../helpers/record-builder.js";
import { SAVED_RUNS } from "../../helpers/saved-runs.js";

function quick(slos: readonly string[], during: Partial<PhaseSketch>): RunRecord {
  return buildRecord({
    evidence: "observed",
    slos,
    phases: [
      { kind: "baseline", seconds: 10 },
      { kind: "fault", fault: "slow front", seconds: 10, ...during },
      { kind: "recovery", fault: "slow front", seconds: 10 },
    ],
  });
}

const column = (share: number) => Array.from({ length: 10 }, () => share);
const strangers = {
  busy: 1,
  stolen: 0,
  seconds: {
    system: column(0.3),
    strangers: column(1.5),
    own: column(0.2),
    stolen: column(0),
    throttled: column(0),
    systemAtMost: column(0.1),
  },
};

function pages(record: RunRecord) {
  const report = analyse(record);
  const html = String(htmlReporter.render({ report, record }));
  return {
    terminal: renderTerminal(report, record, { columns: 110, color: false }).replaceAll(/\s+/g, " "),
    markdown: renderMarkdown(report).replaceAll(/\s+/g, " "),
    html: html.slice(html.indexOf("<main>"), html.indexOf("</main>")),
  };
}

function times(text: string, sentence: string): number {
  return text.split(sentence).length - 1;
}

describe("a sentence that several SLOs have in common stands once", () => {
  const slos = ["p95 < 60ms", "p90 < 55ms", "availability >= 90%"];

  test("that the fault was not proven", () => {
    const { terminal, markdown, html } = pages(SAVED_RUNS.invalid());
    for (const text of [terminal, markdown, html])
      expect(times(text, "It could not be shown that the fault did what was asked")).toBe(1);
  });

  test("that the load was not offered, with an id that says that it is the same", () => {
    const record = quick(slos, { bad: { unsent: 0.05 }, unsentByGenerator: 1 });
    const rows = analyse(record).faults[0]?.slos ?? [];
    expect(rows.length).toBe(3);
    const [first] = rows;
    for (const { verdict, reason, shared } of rows) {
      expect(verdict).toBe("invalid");
      expect(reason).toBe(first?.reason);
      expect(shared).toEqual({ id: "not_offered", of: record.phases[1]?.id, own: "" });
    }
    const counts = Object.entries(pages(record)).map(([name, text]) => [
      name,
      times(text, "The load generator was unable"),
    ]);
    expect(counts).toEqual([
      ["terminal", 1],
      ["markdown", 1],
      ["html", 1],
    ]);
  });

  test("that it was judged from dispatch, and what is said of each SLO alone stays", () => {
    const record = quick(slos, { medianMs: 70, spread: 0.02, lagMs: 45, machine: strangers });
    const rows = analyse(record).faults[0]?.slos ?? [];
    const dispatched = rows.filter(({ shared }) => shared?.id === "judged_from_dispatch");
    expect(dispatched.length).toBe(2);
    const { html } = pages(record);
    expect(times(html, "Judged from dispatch")).toBe(1);
    for (const { reason, shared } of dispatched) {
      expect(reason).toMatch(/ Judged from dispatch: .*\.$/);
      expect(shared?.own).not.toContain("dispatch");
      expect(html).toContain(shared?.own);
    }
  });

  test("but a sentence of two phases is not the same", () => {
    const unsent = { bad: { unsent: 0.05 }, unsentByGenerator: 1 };
    const record = buildRecord({
      evidence: "observed",
      slos: ["availability >= 90%"],
      phases: [
        { kind: "baseline", seconds: 10 },
        { kind: "fault", fault: "one", seconds: 10, ...unsent },
        { kind: "recovery", fault: "one", seconds: 10 },
        { kind: "fault", fault: "two", seconds: 10, ...unsent },
        { kind: "recovery", fault: "two", seconds: 10 },
      ],
    });
    const { markdown } = pages(record);
    expect(times(markdown, "The load generator was unable")).toBe(2);
    expect(markdown).toContain('0 of 2 faults decided; in "one"');
  });
});
