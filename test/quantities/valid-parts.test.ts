import { expect, test } from "vitest";
import { z } from "zod";
import { validParts } from "../../src/quantities/valid-parts.js";

const walk = z.strictObject({ path: z.string(), weight: z.number().optional() });
const swim = z.strictObject({ lane: z.number(), weight: z.number().optional() });

test.each([
  [{ path: "/", weight: "x" }, { path: "/" }],
  [{ lane: 1, weight: "x" }, { lane: 1 }],
  [{ lane: "x", weight: 2 }, { weight: 2 }],
  [{ lane: 1, unknown: 1 }, { lane: 1 }],
  [{ weight: "x" }, {}],
])(
  "of several forms of a map, the parts of %j are those of the form that knows most keys",
  (value, parts) => {
    expect(validParts(z.union([walk, swim]), value)).toEqual(parts);
  },
);

test("where another form is no map, nobody can say which one was meant", () => {
  expect(validParts(z.union([z.string(), walk]), { path: "/", weight: "x" })).toBeUndefined();
});

test("in lists and maps of names, what is malformed keeps its place", () => {
  const schema = z.strictObject({ list: z.array(z.number()), names: z.record(z.string(), z.number()) });
  expect(validParts(schema, { list: [1, "x", 3], names: { a: "x", b: 2 }, more: 1 })).toEqual({
    list: [1, undefined, 3],
    names: { a: undefined, b: 2 },
  });
});
