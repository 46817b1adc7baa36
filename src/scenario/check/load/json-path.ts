import { jsonPathMistake } from "../../../notation/json-path.js";
import type { Span } from "../../text/source.js";
import type { CheckContext } from "../context.js";

/** Complains about a text that leads to no value, or to more than one. */
export function checkJsonPath(context: CheckContext, text: string, at: Span): void {
  const mistake = jsonPathMistake(text);
  if (mistake !== null) context.diagnostics.error("wrong-value", at, mistake.message, mistake.help);
}
