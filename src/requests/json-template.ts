import { escapeTemplate } from "../notation/template.js";

/**
 * JSON that is sent, as a template. A whole value of "${seq}" or "${random.int(…)}" is meant as a number. Keys are never
 * templates.
 */
export function jsonTemplate(json: unknown): string {
  // A key is followed by a colon, and a quote inside a text has a backslash before it. So neither is taken for such a value.
  return JSON.stringify(escapeKeys(json)).replace(/"(\$\{(?:seq|random\.int\([^)"]*\))\})"(?!:)/g, "$1");
}

function escapeKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(escapeKeys);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [escapeTemplate(key), escapeKeys(inner)]),
  );
}
