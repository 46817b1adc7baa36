import { expect, test } from "vitest";
import { httpOf } from "../../helpers/load-plans.js";
import { checkText, scenarioText } from "../../helpers/scenario-files.js";

const check = (expectation: string) =>
  checkText(scenarioText("", `  rate: 5/s\n  requests: [{ path: /, expect: ${expectation} }]`));

test("conditions reach the load as they are written; comparisons in short form are conditions, too", async () => {
  const { plan, diagnostics } = await check(
    `{ headers: { ETag: { exists: true }, x: 7 }, body: { not: oops }, json: { $.a: ">= 0", $.b: { "<": 3, not: null }, $.c: "<b>", $.d: { equals: ">= 0" } } }`,
  );
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  const { mix } = plan?.load ?? {};
  if (mix?.kind !== "requests") throw new Error("expected requests");
  expect(httpOf(mix.requests[0]).expect).toEqual({
    status: ["2xx", 304],
    headers: { etag: { exists: true }, x: "7" },
    body: { not: "oops" },
    json: {
      "$.a": { ">=": 0 },
      "$.b": { "<": 3, not: null },
      "$.c": "<b>",
      "$.d": { equals: ">= 0" },
    },
  });
});

test.each([
  ["{ json: { $.a: { exists: yes } } }", "8:58", "expected true or false; found `yes`"],
  ['{ json: { $.a: { ">": x } } }', "8:55", "expected a number; found `x`"],
  ["{ json: { $.a: {} } }", "8:43", "expected a map with one or more of exists,"],
  ["{ json: { $.a: [1] } }", "8:43", 'a comparison such as ">= 0"'],
  ["{ json: { $.a: { regex: '(' } } }", "8:57", "not a regular expression: Unterminated group"],
  ["{ headers: { x: { regex: '[' } } }", "8:58", "not a regular expression"],
  ["{ body: { regexp: x } }", "8:43", "unknown key `regexp`"],
  ["{ json: { $.a: { exists: false, not: 1 } } }", "8:50", "what is not there cannot have `not`"],
  ['{ json: { $.a: { ">=": 10, "<": 5 } } }', "8:43", "no number is >= 10 and < 5"],
  ['{ json: { $.a: { ">": 5, "<=": 5 } } }', "8:43", "no number is > 5 and <= 5"],
])("%s is refused at its place", async (expectation, place, message) => {
  const { plan, diagnostics } = await check(expectation);
  expect(plan).toBeNull();
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  expect(errors).toHaveLength(1);
  expect(errors[0]?.message).toContain(message);
  expect(`${errors[0]?.line}:${errors[0]?.column}`).toBe(place);
});

test("a text that only looks like a comparison is warned about", async () => {
  const { plan, diagnostics } = await check(`{ json: { $.a: ">= 0, < 10" } }`);
  expect(plan).not.toBeNull();
  expect(diagnostics.map(({ message }) => message)).toContainEqual(
    expect.stringContaining("`>= 0, < 10` is compared as a text"),
  );
});

test("a comparison without quotes is told to be quoted", async () => {
  const load = "  rate: 5/s\n  requests:\n    - path: /\n      expect:\n        json:\n          $.a: >= 0";
  const { diagnostics } = await checkText(scenarioText("", load));
  expect(diagnostics[0]?.help).toBe("A text that begins with > or | needs quotes.");
});
