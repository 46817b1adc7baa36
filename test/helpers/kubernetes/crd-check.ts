import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ClusterObject } from "../../../src/kubernetes/objects.js";
import { root } from "../faultline.js";

/** The parts of an openAPIV3Schema that the fixtures in test/fixtures/crds have. */
interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly not?: Schema;
}

/** The published schema of the `spec` of a kind. */
export function publishedSpec(fixture: "chaos-mesh" | "istio" | "linkerd", kind: string): Schema {
  const text = readFileSync(join(root, `test/fixtures/crds/${fixture}.json`), "utf8");
  const schema = JSON.parse(text).kinds[kind];
  if (schema === undefined) throw new Error(`the fixture ${fixture} has no ${kind}`);
  return schema;
}

/** What an API server with `fieldValidation=Strict` would refuse. Empty: nothing. */
export function specMistakes(schema: Schema, { spec }: ClusterObject): readonly string[] {
  return mistakesIn(schema, spec, "spec");
}

function mistakesIn(schema: Schema, value: unknown, at: string): readonly string[] {
  const own = [
    ...(isOfType(value, schema.type) ? [] : [`${at}: ${JSON.stringify(value)} is no ${schema.type}`]),
    ...(schema.enum && !schema.enum.includes(value)
      ? [`${at}: ${JSON.stringify(value)} is none of ${schema.enum}`]
      : []),
    ...(schema.pattern !== undefined && typeof value === "string" && !new RegExp(schema.pattern).test(value)
      ? [`${at}: ${value} does not match ${schema.pattern}`]
      : []),
    ...(typeof value === "number" && (value < (schema.minimum ?? value) || value > (schema.maximum ?? value))
      ? [`${at}: ${value} is out of range`]
      : []),
    ...(schema.oneOf && schema.oneOf.filter((each) => fits(each, value)).length !== 1
      ? [`${at}: not one of its forms`]
      : []),
    ...(schema.anyOf && !schema.anyOf.some((each) => fits(each, value)) ? [`${at}: none of its forms`] : []),
    ...(schema.not && fits(schema.not, value) ? [`${at}: must not be so`] : []),
  ];
  if (Array.isArray(value)) {
    return [
      ...own,
      ...value.flatMap((item, index) => mistakesIn(schema.items ?? {}, item, `${at}[${index}]`)),
    ];
  }
  if (typeof value !== "object" || value === null) return own;
  const missing = (schema.required ?? [])
    .filter((key) => !(key in value))
    .map((key) => `${at}.${key} is missing`);
  const inner = Object.entries(value).flatMap(([key, each]) => {
    const known = schema.properties?.[key] ?? schema.additionalProperties;
    if (known !== undefined) return mistakesIn(known, each, `${at}.${key}`);
    // A part of a schema (of oneOf, say) that names no properties says nothing of them.
    return schema.properties === undefined ? [] : [`${at}.${key} is unknown`];
  });
  return [...own, ...missing, ...inner];
}

function fits(schema: Schema, value: unknown): boolean {
  return mistakesIn(schema, value, "").length === 0;
}

function isOfType(value: unknown, type: string | undefined): boolean {
  if (type === undefined) return true;
  if (type === "integer") return Number.isInteger(value);
  if (type === "array") return Array.isArray(value);
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === type;
}
