import { parseReference, parseTemplate } from "../../scenario/values/template.js";
import { encodeStrange } from "../../scenario/values/url-reference.js";
import type { ValueScope, Values } from "./values.js";

/** How a value must be written to stand at its place; text outside ${…} is never touched. */
export type Encoding = "url" | "path" | "header" | "json" | "form" | "none";

export type CompiledPart = string | ((scope: ValueScope) => string);

/** Half a pair, as cut texts have: it is no character, and no encoding has a place for it. */
const LONE_SURROGATE = /\p{Surrogate}/gu;
const percentEncode = (value: string) => encodeURIComponent(value.replace(LONE_SURROGATE, "\ufffd"));

const ENCODE: Readonly<Record<Encoding, (value: string) => string>> = {
  url: percentEncode,
  /** It is a path, or a part of one, already. */
  path: encodeStrange,
  // A line break in a header value would begin another header.
  header: (value) => value.replace(/[\r\n\0]+/g, " "),
  json: (value) => JSON.stringify(value).slice(1, -1),
  form: (value) => percentEncode(value).replaceAll("%20", "+"),
  none: (value) => value,
};

/** Literal texts and values in turn, the expressions resolved once. Throws SCENARIO_INVALID for unknown ones. */
export function compileTemplate(text: string, encoding: Encoding, values: Values): CompiledPart[] {
  return parseTemplate(text).map((part) => {
    if (part.kind === "text") return part.text;
    const read = values.reader(part.expression);
    const encode = ENCODE[encoding === "url" && isPathValue(part.expression) ? "path" : encoding];
    return (scope) => encode(read(scope));
  });
}

/** Whether "| path" stands behind it. */
function isPathValue(expression: string): boolean {
  const reference = parseReference(expression);
  return (reference.kind === "data" || reference.kind === "capture") && reference.isPath;
}

export function renderTemplate(parts: readonly CompiledPart[], scope: ValueScope): string {
  let text = "";
  for (const part of parts) text += typeof part === "string" ? part : part(scope);
  return text;
}

/** The text when nothing in it varies, else null. */
export function constantText(parts: readonly CompiledPart[]): string | null {
  if (parts.length === 0) return "";
  const [only] = parts;
  return parts.length === 1 && typeof only === "string" ? only : null;
}
