import { expect, test } from "vitest";
import { z } from "zod";
import { Diagnostics } from "../../../src/scenario/diagnostics/diagnostic.js";
import type { DocumentFormat } from "../../../src/scenario/diagnostics/document-format.js";
import { reportIssues } from "../../../src/scenario/diagnostics/schema-issues.js";
import { parseYaml } from "../../../src/scenario/read/yaml.js";
import { Source } from "../../../src/scenario/text/source.js";
import { plainValue } from "../../../src/scenario/text/tree.js";

const walk = z.strictObject({ path: z.string({ error: "a path" }), weight: z.number().optional() });
const swim = z.strictObject({ lane: z.number({ error: "a lane" }), weight: z.number().optional() });
const schema = z.strictObject({ move: z.union([walk, swim], { error: "a map with `path` or `lane`" }) });
const FORMAT: DocumentFormat = {
  schema,
  versionKey: "moves",
  keysReadBefore: [],
  otherNames: {},
  saidElsewhere: [],
  homes: [],
};

/** What is said of a text, and which keys seem to be missing only. */
function complaints(text: string) {
  const diagnostics = new Diagnostics();
  const tree = parseYaml(new Source("moves.yaml", text, "."), diagnostics);
  if (!tree) throw new Error("expected YAML");
  const misspelt = reportIssues(
    schema.safeParse(plainValue(tree)).error?.issues ?? [],
    FORMAT,
    tree,
    diagnostics,
  );
  const said = diagnostics.list().map(({ line, column, message }) => `${line}:${column} ${message}`);
  return { said, misspelt: [...misspelt] };
}

test.each([
  ["move: { lane: x }", "1:15 move.lane: expected a lane; found `x`"],
  ["move: { path: 5 }", "1:15 move.path: expected a path; found the number 5"],
  ["move: { weight: 1 }", "1:1 `path` is missing in move; expected a path"],
  ["move: { lane: 1, path: / }", "1:9 `lane` in move does not go with the keys beside it"],
  ["move: 5", "1:7 move: expected a map with `path` or `lane`; found the number 5"],
])("of several forms of a map the one is meant that knows most keys: %s", (text, complaint) => {
  expect(complaints(text).said).toEqual([complaint]);
});

test("an unknown key in one of several forms may be meant for a missing one", () => {
  const { said, misspelt } = complaints("move: { lane: 1, wieght: 2 }");
  expect(said).toEqual(["1:18 unknown key `wieght` in move; did you mean `weight`?"]);
  expect(misspelt).toEqual(["move.*", "move.weight"]);
});
