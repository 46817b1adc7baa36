import stringWidth from "string-width";
import { expect, test } from "vitest";
import { analyse } from "../../../src/analysis/analyse.js";
import { htmlReporter } from "../../../src/report/html/html.js";
import { renderMarkdown } from "../../../src/report/markdown/markdown.js";
import { renderTerminal } from "../../../src/report/terminal/terminal.js";
import { buildRecord, type PhaseSketch, type RunSketch } from "../../helpers/record-builder.js";

const FAILS: Partial<PhaseSketch> = {
  of: { checkout: { bad: { http_error: 0.3 } } },
  reasonsOf: { checkout: { "status 503": 600, "status 500": 3 } },
  reasons: { "status 503": 600, "status 500": 3 },
};

function run(during: Partial<PhaseSketch>, more: Partial<RunSketch> = {}) {
  const record = buildRecord({
    requests: ["browse", "checkout"],
    slos: ["availability >= 99%"],
    phases: [
      { kind: "baseline", seconds: 40 },
      { kind: "fault", fault: "cut off", seconds: 40, ...during },
      { kind: "recovery", fault: "cut off", seconds: 40 },
    ],
    ...more,
  });
  const report = analyse(record);
  const terminal = (columns: number, rows = 60) =>
    renderTerminal(report, record, { columns, color: false, rows });
  return { record, report, terminal, html: () => String(htmlReporter.render({ report, record })) };
}

test("terminal and Markdown have a line for each request name, the one that failed most first", () => {
  const { terminal, report } = run(FAILS);
  const lines = terminal(80).split("\n");
  const at = lines.findIndex((line) =>
    /^ {2}request +due +failed +p99, baseline → fault +mostly$/.test(line),
  );
  expect(lines[at + 1]).toMatch(/^ {2}checkout +[\d,]+ +\d+(\.\d)?% +[\d.]+ ms → > timeout +status 503$/);
  expect(lines[at + 2]).toMatch(/^ {2}browse +[\d,]+ +0% +[\d.]+ ms → [\d.]+ ms +–$/);
  expect(renderMarkdown(report)).toMatch(
    /\| checkout \| [\d,]+ \| [\d.]+% \| [\d.]+ ms → [\d.]+ ms \| [\d.]+ ms → > timeout \| status 503 \|/,
  );
});

test.each([
  ["only one name", { bad: { reset: 0.3 } }, { requests: ["browse"] }],
  ["no failure", { medianMs: 600 }, { slos: ["p99 < 400ms"] }],
  ["names that fail alike", { bad: { reset: 0.3 } }, {}],
])("there are none for %s", (_, during, more) => {
  const { terminal, report } = run(during, more);
  expect(terminal(80)).not.toMatch(/^ {2}request +due/m);
  expect(renderMarkdown(report)).not.toContain("| Request | Due |");
});

test("they are the first to go where there is no room", () => {
  const { terminal } = run(FAILS);
  const high = terminal(80).trimEnd().split("\n").length;
  const low = terminal(80, high);
  expect(terminal(80)).toMatch(/^ {2}request +due/m);
  expect(terminal(80, 20)).not.toMatch(/^ {2}request +due/m);
  expect(low.trimEnd().split("\n").length).toBeLessThan(high);
});

test.each([60, 80, 110])("long names and reasons stay within %d columns", (columns) => {
  const name = "a request of the name of Brünnhilde's 名前 that is far too long for any table";
  const long = {
    of: { [name]: { bad: { http_error: 0.3 } } },
    reasonsOf: { [name]: { "JSON path $.orders[0].positions[12].price is 17, expected 18": 600 } },
  };
  const lines = run(long, { requests: ["browse", name] })
    .terminal(columns)
    .split("\n");
  expect(lines.some((line) => line.startsWith("  a re"))).toBe(true);
  expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(columns);
});

test("report.json and the page tell the reasons of each request name", () => {
  const { report, html } = run(FAILS);
  const fault = report.phases.find(({ kind }) => kind === "fault");
  expect(fault?.perRequest.find(({ name }) => name === "checkout")?.reasons).toEqual({
    "status 503": 600,
    "status 500": 3,
  });
  const page = html();
  expect(page).toContain('<th scope="row">fault: cut off · checkout · status 503</th><td class="n">600</td>');
  expect(page).not.toContain("fault: cut off · status 503");
  expect(page).toMatch(
    /<summary>Each request<\/summary>.*?p99 baseline.*?checkout.*?<td data-label="most often">status 503<\/td>/s,
  );
});

test("of a record that does not tell names apart the page has the reasons of the phase", () => {
  const { html } = run({ ...FAILS, reasonsOf: {} });
  expect(html()).toContain('<th scope="row">fault: cut off · status 503</th><td class="n">600</td>');
});
