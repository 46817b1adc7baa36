import fc from "fast-check";
import { expect, test } from "vitest";
import { shareParts } from "../../../src/support/json-schema/share-parts.js";
import { firstDifference } from "../../helpers/same-schema.js";

const DRAFT_07 = "http://json-schema.org/draft-07/schema#";

/** Long enough to be worth a definition. */
const text = (about: string) => ({
  type: "string",
  description: `${about}, as one would write it in a letter to somebody who has never seen anything of the kind.`,
  examples: ["a long example, so that all of this is longer than a line"],
});
const definitionsOf = (schema: object) => Object.keys({ ...(shareParts(schema).$defs as object) });
const map = (properties: object) => ({ type: "object", properties });

test("what stands there twice is written once, under the key where it stands first", () => {
  const city = text("a city");
  expect(
    shareParts({ $schema: DRAFT_07, ...map({ home: city, work: city, note: { type: "string" } }) }),
  ).toEqual({
    $schema: DRAFT_07,
    type: "object",
    properties: {
      home: { $ref: "#/definitions/home" },
      work: { $ref: "#/definitions/home" },
      note: { type: "string" },
    },
    definitions: { home: city },
  });
});

test("later drafts have their definitions under $defs", () => {
  const city = text("a city");
  const shared = shareParts(map({ home: city, work: city }));
  expect(shared).toMatchObject({ properties: { work: { $ref: "#/$defs/home" } }, $defs: { home: city } });
});

test("what differs in its description alone is not the same", () => {
  const schema = map({ home: text("a city"), work: text("a town") });
  expect(shareParts(schema)).toEqual(schema);
});

test("what stands inside two definitions is one, and what stands in one definition alone stays in it", () => {
  const street = text("a street");
  const address = map({ street, number: text("a number") });
  const shared = shareParts(map({ home: address, work: address, other: map({ street }) }));
  expect(shared).toEqual({
    type: "object",
    properties: {
      home: { $ref: "#/$defs/home" },
      work: { $ref: "#/$defs/home" },
      other: map({ street: { $ref: "#/$defs/street" } }),
    },
    $defs: { home: map({ street: { $ref: "#/$defs/street" }, number: text("a number") }), street },
  });
});

test("parts under the same key are told apart by the keys before it, and then by a number", () => {
  const [a, b, c] = ["a", "b", "c"].map((about) => text(about));
  const schema = map({
    home: map({ name: a, forms: { anyOf: [{ items: a }, { items: b }] } }),
    "w/o~%rk": map({ name: c, forms: { anyOf: [{ items: b }, { items: c }] } }),
  });
  expect(definitionsOf(schema)).toEqual(["home.name", "forms.form2", "w_o_rk.name"]);
  const alike = { anyOf: [a, a, b, b].map((items) => ({ anyOf: [{ items }] })) };
  expect(definitionsOf(map({ forms: alike }))).toEqual(["forms.form1", "forms.form3"]);
  const twice = { "a/b": a, "a%b": b, more: map({ "a~b": a, "a?b": b }) };
  expect(definitionsOf(map(twice))).toEqual(["a_b", "a_b-2"]);
});

test("data is no schema, whatever it looks like", () => {
  const properties = { properties: { a: text("a"), b: text("a") } };
  const schema = map({
    first: { default: properties },
    second: { examples: [properties], enum: [properties] },
  });
  expect(shareParts(schema)).toEqual(schema);
});

test("a part that is true or false stays", () => {
  const city = text("a city");
  const closed = { ...map({ home: city, any: true }), additionalProperties: false };
  const shared = shareParts({ ...map({ closed, work: city, again: closed }), additionalProperties: true });
  expect(shared).toMatchObject({
    additionalProperties: true,
    $defs: { closed: { additionalProperties: false, properties: { any: true } } },
  });
});

test("definitions that refer to themselves get names, and twins become one", () => {
  const json = (ref: string) => ({
    anyOf: [{ type: "string" }, { type: "array", items: { $ref: `#/definitions/${ref}` } }],
  });
  const schema = {
    $schema: DRAFT_07,
    definitions: { __schema0: json("__schema0"), __schema1: json("__schema1"), unused: { type: "string" } },
    ...map({
      body: { description: "what is sent", allOf: [{ $ref: "#/definitions/__schema0" }] },
      answer: { $ref: "#/definitions/__schema1" },
    }),
  };
  const shared = shareParts(schema);
  expect(shared).toEqual({
    $schema: DRAFT_07,
    ...map({
      body: { description: "what is sent", allOf: [{ $ref: "#/definitions/body" }] },
      answer: { $ref: "#/definitions/body" },
    }),
    definitions: { body: json("body") },
  });
  expect(firstDifference(schema, shared)).toBeNull();
});

test("whatever a schema holds, it says the same afterwards, and what is shared is shared already", () => {
  const description = fc.constantFrom("short", "l".repeat(120), "L".repeat(120));
  const leaf = fc.record({ type: fc.constantFrom("string", "number"), description });
  const { node } = fc.letrec<{ node: object }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.record({ description, properties: fc.dictionary(fc.constantFrom("a", "b", "a/b"), tie("node")) }),
      fc.record({ anyOf: fc.array(tie("node"), { maxLength: 3 }) }),
      fc.record({ items: tie("node"), default: leaf }),
      fc.record({ additionalProperties: fc.oneof(tie("node"), fc.boolean()) }),
    ),
  }));
  fc.assert(
    fc.property(node, (schema) => {
      const shared = shareParts(schema);
      expect(firstDifference(schema, shared)).toBeNull();
      expect(shareParts(schema)).toEqual(shared);
    }),
  );
});

test("the comparison finds a difference in a definition", () => {
  const schema = map({ home: text("a city"), work: text("a city") });
  const shared = JSON.parse(JSON.stringify(shareParts(schema)).replace("a city", "a town"));
  expect(firstDifference(schema, shared)).toBe("#/properties/home/description");
});
