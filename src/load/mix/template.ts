import { parseTemplate } from "../../scenario/values/template.js";
import type { ValueScope, Values } from "./values.js";

/** How a value must be written to stand at its place; text outside ${…} is never touched. */
export type Encode = (value: string) => string;

export type CompiledPart = string | ((scope: ValueScope) => string);

/**
 * Literal texts and values in turn, the expressions resolved once.
 * @param encodeFor how the value of that expression is written
 * @throws FaultlineError SCENARIO_INVALID: an expression is unknown
 */
export function compileTemplate(
  text: string,
  encodeFor: (expression: string) => Encode,
  values: Values,
): CompiledPart[] {
  return parseTemplate(text).map((part) => {
    if (part.kind === "text") return part.text;
    const read = values.reader(part.expression);
    const encode = encodeFor(part.expression);
    return (scope) => encode(read(scope));
  });
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
