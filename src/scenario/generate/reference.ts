import { FAULT_KEYS } from "../../faults/kinds/index.js";
import { MODIFIERS } from "../../faults/modifiers.js";
import { type JsonSchema, scenarioJsonSchema } from "./json-schema.js";

/** A part of the reference: a key that holds a map, with the map's own keys in a table. */
interface Section {
  /** Of its map: "load.requests[]". "": the top level. */
  readonly path: string;
  /** A part of a fault can do all that a fault can: its own table leaves that out. */
  readonly isPartOfFault: boolean;
  readonly schema: JsonSchema;
  readonly description: string | null;
}

/** The reference part of docs/scenario.md: every key with its kind, default, meaning and an example. */
export function scenarioReference(): string {
  const root = scenarioJsonSchema();
  const sections: Section[] = [];
  collect("", root, null, sections);
  return sections.map(sectionText).join("\n");
}

/** Depth first, in the order of the schema. What a fault can do is described once, not again for its parts. */
function collect(path: string, schema: JsonSchema, description: string | null, sections: Section[]): void {
  const isPartOfFault = /^faults\[\]\.(inject|stages)/.test(path);
  const whole = isPartOfFault ? `${description ?? ""} ${DOES}`.trim() : description;
  sections.push({ path, isPartOfFault, schema, description: whole });
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const inside = path === "" ? key : `${path}.${key}`;
    if (isPartOfFault && isShared(key)) continue;
    for (const { schema: inner, suffix } of innerMaps(property)) {
      collect(`${inside}${suffix}`, inner, property.description ?? null, sections);
    }
  }
}

const DOES = "Takes, beside these, all keys of a fault from `latency` to `toxicity`.";

function isShared(key: string): boolean {
  return key in FAULT_KEYS || key in MODIFIERS;
}

interface InnerMap {
  readonly schema: JsonSchema;
  readonly suffix: string;
}

function innerMaps(schema: JsonSchema): readonly InnerMap[] {
  const behind = (suffix: string, inner: JsonSchema) =>
    innerMaps(inner).map((map) => ({ ...map, suffix: `${suffix}${map.suffix}` }));
  if (schema.properties) return [{ schema, suffix: "" }];
  if (schema.items) return behind("[]", schema.items);
  if (typeof schema.additionalProperties === "object") return behind(".NAME", schema.additionalProperties);
  return formsOfMap(schema.anyOf ?? []);
}

/** Several forms of a map are told apart by a key that only one of them has. */
function formsOfMap(forms: readonly JsonSchema[]): readonly InnerMap[] {
  const [first] = forms;
  if (!first || forms.some(({ properties }) => !properties)) return [];
  return forms.map((form) => {
    const own = Object.keys(form.properties ?? {}).find((key) => !(key in (first.properties ?? {})));
    return { schema: form, suffix: own === undefined ? "" : ` (${own})` };
  });
}

function sectionText({ path, isPartOfFault, schema, description }: Section): string {
  const lines = [`### ${path === "" ? "Top level" : `\`${path}\``}`, ""];
  if (description !== null) lines.push(description, "");
  lines.push("| key | value | default | meaning | example |", "|---|---|---|---|---|");
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (isPartOfFault && isShared(key)) continue;
    const needed = schema.required?.includes(key) || (path === "" && NEEDED.includes(key));
    const fallback = property.default === undefined ? (needed ? "**required**" : "") : code(property.default);
    lines.push(
      `| \`${key}\` | ${kindOf(property)} | ${fallback} | ${cell(property.description ?? "")} | ${exampleOf(property)} |`,
    );
  }
  lines.push("");
  return lines.join("\n");
}

/** Required in the whole scenario, though an included file may bring them. */
const NEEDED = ["faultline", "name", "load", "slos"];

/** Kinds of texts, by the pattern in their schema. */
const UNITS: readonly (readonly [RegExp, string])[] = [
  [/\.\\?\./, "range with units"],
  [/us\|/, "duration"],
  [/bit\)/, "bandwidth"],
  [/KiB/, "size"],
  [/\(\?:s\|m\|h\)\$/, "rate"],
  [/%\$/, "percentage"],
];

function kindOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(" ");
  if (schema.anyOf) {
    const kinds = schema.anyOf.filter((branch) => branch.pattern !== "\\$\\{").map(kindOf);
    return [...new Set(kinds)].join(" or ");
  }
  if (schema.type === "array") return `list of ${schema.items ? plural(kindOf(schema.items)) : "values"}`;
  if (schema.properties) return "map";
  if (typeof schema.additionalProperties === "object") {
    const inner = kindOf(schema.additionalProperties);
    return inner === "map" ? "map of names to maps" : `map of names to ${plural(inner)}`;
  }
  if (schema.type === "integer" || schema.type === "number") return numberKind(schema);
  if (schema.type === "boolean") return "`true` or `false`";
  // Besides null it is a text: numbers and switches are taken as they are written.
  if (Array.isArray(schema.type)) return schema.type.includes("null") ? "value" : "text";
  if (schema.type === "null") return "null";
  if (schema.type === "string") {
    if (schema.pattern?.includes("xx")) return "class such as `2xx`";
    return UNITS.find(([pattern]) => schema.pattern && pattern.test(schema.pattern))?.[1] ?? "text";
  }
  return "any data";
}

function numberKind({ type, minimum, maximum }: JsonSchema): string {
  const kind = type === "integer" ? "whole number" : "number";
  if (minimum === undefined || maximum === undefined || maximum > 1e8) return kind;
  return `${kind} ${minimum} to ${maximum}`;
}

function plural(kind: string): string {
  return /^(text|value|map|size|rate|duration|percentage)$/.test(kind) ? `${kind}s` : kind;
}

function exampleOf(schema: JsonSchema): string {
  const [example] = schema.examples ?? [];
  return example === undefined ? "" : code(example);
}

/** As YAML in one line. */
function code(value: unknown): string {
  return `\`${cell(flow(value))}\``;
}

function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (value !== null && typeof value === "object") {
    const pairs = Object.entries(value).map(([key, inner]) => `${scalar(key)}: ${flow(inner)}`);
    return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
  }
  return scalar(value);
}

function scalar(value: unknown): string {
  const text = String(value);
  return /[{}[\],#"]|: /.test(text) ? JSON.stringify(text) : text;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replace(/\s+/g, " ");
}
