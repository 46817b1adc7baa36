/** One run, one number: whatever the format, a value reads as format.ts writes it. */

import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import type { Report, SloResult } from "../../src/analysis/document/report.js";
import { jsonReporter } from "../../src/report/formats/json.js";
import { junitReporter } from "../../src/report/formats/junit.js";
import { prometheusReporter } from "../../src/report/formats/prometheus.js";
import { htmlReporter } from "../../src/report/html/html.js";
import { markdownReporter } from "../../src/report/markdown/markdown.js";
import { renderTerminal } from "../../src/report/terminal/terminal.js";
import { formatBeside, formatInterval, formatTiming, formatValue } from "../../src/support/format.js";
import { SAVED_RUNS } from "../helpers/saved-runs.js";
import { parseXml } from "../helpers/xml.js";

const record = SAVED_RUNS.fail();
const input = { record, report: analyse(record) };
/** From the file that programs read, so that the numbers have gone through JSON. */
const report = JSON.parse(String(jsonReporter.render(input))) as Report;

interface Expected {
  readonly fault: string;
  readonly slo: SloResult;
  readonly baseline: string;
  readonly during: string;
  readonly recovery: string;
  readonly target: string;
  readonly observed: string;
  readonly interval: string;
}

const expected: readonly Expected[] = report.faults.flatMap((fault) =>
  fault.slos.map((slo): Expected => {
    const timing = slo.unit === "s";
    const observed = timing
      ? formatTiming({ seconds: slo.observed as number, censored: slo.censored })
      : formatBeside(slo.observed, slo.target, slo.unit);
    return {
      fault: fault.name,
      slo,
      observed,
      baseline: formatValue(slo.baseline, slo.unit),
      during: timing ? "–" : observed,
      recovery: timing ? observed : formatValue(slo.after, slo.unit),
      target: formatBeside(slo.target, slo.observed, slo.unit),
      interval: formatInterval(slo.interval, slo.unit),
    };
  }),
);

test("there is something to compare: every kind of unit and a value beyond the timeout", () => {
  expect(new Set(expected.map(({ slo }) => slo.unit))).toEqual(new Set(["ratio", "ms", "s"]));
  expect(expected.some(({ observed }) => observed === "> timeout")).toBe(true);
});

test("terminal", () => {
  const lines = renderTerminal(report, record, { columns: 110, color: false, rows: 100 }).split("\n");
  for (const one of expected) {
    const from = lines.findIndex((line) => /^\d /.test(line) && line.includes(one.fault));
    const row = lines.slice(from).find((line) => line.trim().startsWith(one.slo.expect)) ?? "";
    const cells = row.trim().split(/ {2,}/);
    expect(cells.slice(1, 4)).toEqual([one.baseline, one.during, one.recovery]);
    expect(cells[4]).toBe(`${one.slo.expect.includes(">=") ? "≥" : "<"} ${one.target}`);
  }
});

test("Markdown", () => {
  const text = String(markdownReporter.render(input));
  for (const one of expected) {
    const details = text.slice(text.indexOf(`${one.fault}</b>`));
    const row = details.split("\n").find((line) => line.startsWith(`| \`${one.slo.expect}\``)) ?? "";
    const cells = row.replaceAll("**", "").split(" | ");
    expect(cells.slice(1, 4)).toEqual([one.baseline, one.during, one.recovery]);
    expect(cells[4]).toContain(one.target);
    expect(cells[5]).toBe(one.interval);
  }
});

test("HTML", () => {
  const html = String(htmlReporter.render(input)).replaceAll("&gt;", ">").replaceAll("&lt;", "<");
  for (const one of expected) {
    const card = html.slice(html.indexOf('<h2 id="faults-title">')).split('<details class="card"');
    const own = card.find((text) => text.includes(`${one.fault}</h3>`)) ?? "";
    const row = own.split("<tr>").find((text) => text.includes(`<code>${one.slo.expect}</code>`)) ?? "";
    const cells = [...row.matchAll(/<td class="n">(.*?)<\/td>/g)].map(([, cell = ""]) =>
      cell.replace(/<\/?strong[^>]*>/g, ""),
    );
    expect(cells.slice(0, 3)).toEqual([one.baseline, one.during, one.recovery]);
    expect(cells[3]).toContain(one.target);
    expect(cells[4]).toBe(one.interval);
  }
});

test("JUnit", () => {
  const root = parseXml(String(junitReporter.render(input)));
  for (const one of expected) {
    if (one.slo.verdict === "pass") continue;
    const suite = root.children.find(({ attributes }) => attributes.name === one.fault);
    const found = suite?.children.find(({ attributes }) => attributes.name === one.slo.expect)?.children[0];
    expect(found?.attributes.message).toMatch(`observed ${one.observed}, target `);
    expect(found?.attributes.message?.endsWith(one.target)).toBe(true);
    expect(found?.text).toContain(`baseline ${one.baseline}, fault ${one.during}, recovery ${one.recovery}`);
  }
});

describe("Prometheus text", () => {
  const text = String(prometheusReporter.render(input));
  test.each(expected.map((one) => [`${one.fault}: ${one.slo.expect}`, one] as const))("%s", (_, one) => {
    const line = text
      .split("\n")
      .find(
        (candidate) =>
          candidate.startsWith("faultline_slo_observed{") &&
          candidate.includes(`fault="${one.fault}",slo="${one.slo.expect}"`),
      );
    const value = line?.split("} ").at(-1);
    if (one.slo.observed === "inf") expect(value).toBe("+Inf");
    else
      expect(Number(value) * (one.slo.unit === "ms" ? 1000 : 1)).toBeCloseTo(one.slo.observed as number, 9);
  });
});
