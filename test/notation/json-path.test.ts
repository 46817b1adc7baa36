import { expect, test } from "vitest";
import { parseJsonPath } from "../../src/notation/json-path.js";
import { checkText, scenarioText } from "../helpers/scenario-files.js";

test("a path is read as the names and positions that it goes by", () => {
  expect(parseJsonPath("$")).toEqual([]);
  expect(parseJsonPath("$.items[0].id")).toEqual(["items", 0, "id"]);
  expect(parseJsonPath(`$["a]b"]['it\\'s']`)).toEqual(["a]b", "it's"]);
  expect(parseJsonPath("$.a.")).toBeNull();
});

test("what the load can follow passes the checks, whatever a quoted name holds", async () => {
  const expectation = `{ json: { "$['a]b']": 1, "$['it\\\\'s']": 2, "$['']": 3 } }`;
  const load = `  rate: 100/s\n  requests: [{ path: /, expect: ${expectation} }]`;
  const { diagnostics } = await checkText(scenarioText("", load));
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
});
