/** A node of a JSON Schema, as JSON. */
export type SchemaNode = Readonly<Record<string, unknown>>;

/** From a node to a schema inside it. `key`: that of a property. `part`: what the schema is of the node. */
export interface PathStep {
  readonly kind: "key" | "part";
  readonly word: string;
}

/** Keywords that hold schemas by name. */
const NAMED = ["properties", "patternProperties"];

/** Keywords that hold a schema or a list of schemas, with what one of them is of the node. */
const PARTS: Readonly<Record<string, string>> = {
  items: "item",
  prefixItems: "item",
  additionalItems: "item",
  additionalProperties: "value",
  propertyNames: "name",
  anyOf: "form",
  oneOf: "form",
  allOf: "all",
  not: "not",
};

type ChangePart = (part: SchemaNode, step: PathStep) => SchemaNode;

/**
 * The node with each schema that stands directly in it changed. What is under other keywords is data: examples and
 * defaults may look like schemas.
 */
export function changeParts(node: SchemaNode, change: ChangePart): SchemaNode {
  return Object.fromEntries(
    Object.entries(node).map(([keyword, value]) => [keyword, changed(keyword, value, change)]),
  );
}

function changed(keyword: string, value: unknown, change: ChangePart): unknown {
  if (NAMED.includes(keyword) && isNode(value)) {
    const schemas = Object.entries(value).map(([word, schema]) => [
      word,
      isNode(schema) ? change(schema, { kind: "key", word }) : schema,
    ]);
    return Object.fromEntries(schemas);
  }
  const word = PARTS[keyword];
  if (word === undefined) return value;
  if (isNode(value)) return change(value, { kind: "part", word });
  if (!Array.isArray(value)) return value;
  return value.map((schema: unknown, at) =>
    isNode(schema) ? change(schema, { kind: "part", word: `${word}${at + 1}` }) : schema,
  );
}

/** true and false are schemas, too, and hold nothing. */
function isNode(value: unknown): value is SchemaNode {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
