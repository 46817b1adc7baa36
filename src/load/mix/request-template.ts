import { parseTemplate } from "../../notation/template.js";
import type { ValueScope, Values } from "./values.js";

/** Writes a value as its place needs it. Text outside ${…} is never touched. */
export type Encode = (value: string) => string;

export type CompiledPart = string | ((scope: ValueScope) => string);

/**
 * Literal texts and values in turn. Expressions are resolved once.
 * @param encodeFor how the value of that expression is written.
 * @throws FaultlineError SCENARIO_INVALID: an expression is unknown.
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

/** The text. @returns null when something in it varies. */
export function constantText(parts: readonly CompiledPart[]): string | null {
  if (parts.length === 0) return "";
  const [only] = parts;
  return parts.length === 1 && typeof only === "string" ? only : null;
}
