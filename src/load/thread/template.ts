import { FaultlineError } from "../../support/errors.js";
import type { ValueScope, Values } from "./values.js";

/** How a value must be written to stand at its place; text outside ${…} is never touched. */
export type Encoding = "url" | "header" | "json" | "form" | "none";

export type TemplatePart = string | ((scope: ValueScope) => string);

const ENCODE: Readonly<Record<Encoding, (value: string) => string>> = {
  url: encodeURIComponent,
  // A line break in a header value would begin another header.
  header: (value) => value.replace(/[\r\n\0]+/g, " "),
  json: (value) => JSON.stringify(value).slice(1, -1),
  form: (value) => encodeURIComponent(value).replaceAll("%20", "+"),
  none: (value) => value,
};

/** "$${" stands for "${"; otherwise "${…}" is an expression. */
const TOKENS = /\$\$\{|\$\{([^}]*)\}/g;

/**
 * Splits a text into literal parts and values, the expressions resolved once.
 * Throws SCENARIO_INVALID for an expression that is not known.
 */
export function parseTemplate(text: string, encoding: Encoding, values: Values): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let literal = "";
  let from = 0;
  for (const match of text.matchAll(TOKENS)) {
    literal += text.slice(from, match.index);
    from = match.index + match[0].length;
    if (match[1] === undefined) {
      literal += "${";
      continue;
    }
    if (literal !== "") parts.push(literal);
    literal = "";
    const read = values.reader(match[1].trim());
    const encode = ENCODE[encoding];
    parts.push((scope) => encode(read(scope)));
  }
  literal += text.slice(from);
  if (literal !== "") parts.push(literal);
  return parts;
}

export function renderTemplate(parts: readonly TemplatePart[], scope: ValueScope): string {
  let text = "";
  for (const part of parts) text += typeof part === "string" ? part : part(scope);
  return text;
}

/** The text when nothing in it varies, else null. */
export function constantText(parts: readonly TemplatePart[]): string | null {
  if (parts.length === 0) return "";
  const [only] = parts;
  return parts.length === 1 && typeof only === "string" ? only : null;
}

export function unknownExpression(expression: string, why: string): FaultlineError {
  return new FaultlineError(
    "SCENARIO_INVALID",
    `"\${${expression}}" in a request: ${why}. Known are uuid, seq, random.int(FROM,TO), data.FEED.COLUMN and capture.NAME.`,
  );
}
