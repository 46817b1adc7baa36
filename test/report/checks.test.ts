import { expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { annotations } from "../../src/report/formats/github.js";
import { renderTerminal } from "../../src/report/terminal/terminal.js";
import { buildRecord } from "../helpers/record-builder.js";
import { reporterNamed } from "../helpers/reporters.js";

const end = {
  when: "end",
  phase: null,
  fault: null,
  asked: 1,
  held: 0,
  broken: 0,
  unasked: 0,
  attempts: 1,
} as const;
const common = { asks: "psql -tA", when: ["end" as const], withinS: 0 };
const record = {
  ...buildRecord({
    ratePerS: 100,
    slos: ["p99 < 400ms"],
    phases: [
      { kind: "baseline", seconds: 30 },
      { kind: "fault", fault: "slow cache", seconds: 30 },
    ],
  }),
  checks: [
    { ...common, name: "stock", expect: "number >= 0", asked: [{ ...end, held: 1 }] },
    {
      ...common,
      name: "orders",
      expect: "number 0",
      asked: [{ ...end, broken: 1, firstBroken: { atS: 61, reason: "number: expected 0, found 3" } }],
    },
    {
      ...common,
      name: "<refunds>",
      expect: "number 0",
      asked: [
        {
          ...end,
          unasked: 1,
          firstUnasked: {
            atS: 61,
            why: "exit_code",
            reason: "the command exited with code 1",
            output: "no <table>",
          },
        },
      ],
    },
  ],
};
const none = { count: 0, sent: [], examples: [] };
const withIds = {
  ...record,
  checks: [
    {
      ...common,
      name: "stored",
      expect: "order: lost 0",
      asked: [{ ...end, broken: 1, firstBroken: { atS: 61, reason: "1,000 are lost" } }],
      ids: {
        request: "order",
        id: "${uuid}",
        most: { lost: 0, duplicated: null, unexpected: null },
        acknowledged: 1_000,
        refused: 1_001,
        unknown: 1_002,
        withoutId: 0,
        stored: 1_003,
        thereBefore: 0,
        neverSent: 1,
        lost: {
          count: 1_004,
          sent: [],
          examples: [
            {
              id: "gone",
              sentAtS: 5,
              when: "fault" as const,
              fault: "slow cache",
              fate: "acknowledged",
              times: 0,
            },
          ],
        },
        duplicated: none,
        unexpected: {
          count: 1_005,
          sent: [],
          examples: [{ id: "alien", sentAtS: null, when: null, fault: null, fate: null, times: 1 }],
        },
        recovered: { ...none, count: 1_006 },
      },
    },
  ],
};
const report = analyse(record);
const rendered = (name: string) => String(reporterNamed(name).render({ report, record }));

test("every report tells what broke and what could not be asked, with its output", () => {
  const terminal = renderTerminal(report, record, { columns: 100, color: false });
  expect(terminal).toContain("✗ check orders\n  expected number 0; asked by psql -tA");
  expect(terminal).toContain(
    "! check <refunds>: It could not be asked at the end: the command exited with code 1.",
  );
  expect(terminal).toContain("  | no <table>");
  expect(terminal).toContain("✓ check stock");

  const markdown = rendered("markdown");
  expect(markdown).toContain("| orders | ❌ fail | `number 0` | see above |");
  expect(markdown).toContain("&lt;refunds> printed: `no <table>`");

  const html = rendered("html");
  expect(html).toContain("&lt;refunds&gt;");
  expect(html).toContain("no &lt;table&gt;");
  expect(html).toContain("number: expected 0, found 3");

  const junit = rendered("junit");
  expect(junit).toContain('<testsuite name="checks" tests="3" failures="1" errors="1"');
  expect(junit).toContain("no &lt;table&gt;");

  expect(rendered("prometheus")).toContain('check="orders",verdict="fail"} 0');
  expect(JSON.parse(rendered("verdict")).checks).toContainEqual({ name: "orders", verdict: "fail" });
  expect(JSON.parse(rendered("json")).checks[1]).toMatchObject({ name: "orders", verdict: "fail" });

  const marks = annotations(report);
  expect(marks).toMatch(/::error file=[^\n]*title=check orders%3A fail::/);
  expect(marks).toMatch(/::warning file=[^\n]*title=check <refunds>%3A invalid::/);
});

test("no count of ids is cut off on a narrow terminal", () => {
  const terminal = renderTerminal(analyse(withIds), withIds, { columns: 80, color: false });
  expect(terminal).toMatch(/ unexpected 1,005 /);
  const words = terminal.replace(/\s+/g, " ");
  expect(words).toContain("lost 1,004 · duplicated 0 · unexpected 1,005 · recovered 1,006");
});

test("an id that nobody sent has no time", () => {
  const idsReport = analyse(withIds);
  const terminal = renderTerminal(idsReport, withIds, { columns: 100, color: false });
  expect(terminal).toContain('lost: gone, sent at 0:05 in "slow cache"');
  expect(terminal).toContain("unexpected: alien, sent by nobody");
  for (const name of ["markdown", "junit"]) {
    const text = String(reporterNamed(name).render({ report: idsReport, record: withIds }));
    expect(text).toMatch(/alien`?, sent by nobody/);
  }
});
