import fc from "fast-check";
import { expect, test } from "vitest";
import {
  JsonError,
  type JsonNode,
  parseApiJson,
} from "../../../../../src/faults/toxiproxy/embedded/api/json.js";

function plain(node: JsonNode): unknown {
  switch (node.kind) {
    case "object":
      return node.entries.map(([key, value]) => [key, plain(value)]);
    case "array":
      return node.items.map(plain);
    case "string":
      return node.text;
    case "number":
      return Number(node.text);
    case "boolean":
      return node.value;
    case "null":
      return null;
  }
}

/** Objects as lists of entries, so that repeated and odd keys can be compared. */
function asEntries(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asEntries);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value).map(([key, each]) => [key, asEntries(each)]);
}

test("whatever JSON.stringify writes is read as JSON.parse reads it", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      expect(plain(parseApiJson(text))).toEqual(asEntries(JSON.parse(text)));
    }),
  );
});

test("any other text is an error of its own kind, never a crash or an endless loop", () => {
  const nearJson = fc.array(fc.constantFrom(...'{}[]",:\\u0123truefalsn-+.eE \n\u0000é\ud800'.split("")), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        nearJson.map((chars) => chars.join("")),
      ),
      (text) => {
        try {
          parseApiJson(text);
        } catch (error) {
          expect(error).toBeInstanceOf(JsonError);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test("text after the first value is ignored", () => {
  expect(plain(parseApiJson(' {"a":1} }{ nonsense'))).toEqual([["a", 1]]);
});

test("repeated keys are all kept, in order", () => {
  expect(plain(parseApiJson('{"a":1,"A":2,"a":3}'))).toEqual([
    ["a", 1],
    ["A", 2],
    ["a", 3],
  ]);
});

test("the spelling of numbers is kept", () => {
  expect(["1.0", "1e2", "-0", "9223372036854775808"].map((text) => parseApiJson(text))).toEqual(
    ["1.0", "1e2", "-0", "9223372036854775808"].map((text) => ({ kind: "number", text })),
  );
});

test("half of a surrogate pair becomes the replacement character", () => {
  expect(plain(parseApiJson('"s\\ud800"'))).toBe("s\ufffd");
  expect(plain(parseApiJson('"\\ud83d\\ude42"'))).toBe("🙂");
});

test.each([
  "",
  "  ",
  "hello",
  '{"a"',
  '{"a":1,}',
  "{'a':1}",
  "[1,]",
  "[01]",
  "+1",
  '"\n"',
  '"\\q"',
  '"\\u12"',
  "\ufeff{}",
  "nul",
])("%j is refused", (text) => {
  expect(() => parseApiJson(text)).toThrow(JsonError);
});

test("nesting has an end", () => {
  expect(() => parseApiJson("[".repeat(100_000))).toThrow(/nested deeper/);
});
