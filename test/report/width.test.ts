import stringWidth from "string-width";
import { expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import { columnsOf } from "../../src/cli/process/io.js";
import { renderTerminal } from "../../src/report/terminal/terminal.js";
import { buildRecord } from "../helpers/record-builder.js";

const SPOKEN = "GET /api/v1/customers/{id}/orders/{order}/positions with all of their details";
const UNBROKEN = "an_identifier_without_any_blank_that_is_longer_than_a_line_of_a_terminal_has_room_for_it";

test.each([60, 80, 110])(
  "long names stay within %d columns, and words are broken only when longer",
  (columns) => {
    const record = buildRecord({
      name: `A scenario whose name goes on and on ${UNBROKEN}`,
      requests: [SPOKEN, UNBROKEN],
      slos: [
        `p99("${SPOKEN}") < 400ms`,
        `availability(${UNBROKEN}) >= 99.95% for 10s`,
        "availability >= 99%",
      ],
      phases: [
        { kind: "baseline", seconds: 40 },
        {
          kind: "fault",
          fault: `The provider of the second region ${UNBROKEN}`,
          seconds: 40,
          of: { [UNBROKEN]: { bad: { http_error: 0.3 } } },
          reasonsOf: { [UNBROKEN]: { [`status 503 ${UNBROKEN}`]: 600 } },
        },
      ],
    });
    for (const rows of [24, 60]) {
      const text = renderTerminal(analyse(record), record, { columns, color: false, rows });
      const lines = text.trimEnd().split("\n");
      expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(columns);
      expect(lines.length).toBeLessThan(rows);
      // What was cut says so; nothing goes on in the next line within a word.
      for (const [part] of text.matchAll(/an_identifier\w*…?/g))
        expect(part === UNBROKEN || part.endsWith("…")).toBe(true);
    }
  },
);

test("a pipe is as wide as COLUMNS asks for, a terminal as it is", () => {
  const width = (columns: number | undefined, COLUMNS?: string) =>
    columnsOf({ stdout: { columns } as Parameters<typeof columnsOf>[0]["stdout"], env: { COLUMNS } });
  expect([width(120, "80"), width(undefined, "80"), width(0, "80")]).toEqual([120, 80, 80]);
  expect([width(undefined), width(undefined, "wide"), width(undefined, "-1")]).toEqual([100, 100, 100]);
});
