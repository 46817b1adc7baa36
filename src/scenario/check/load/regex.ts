import { regexMistake } from "../../../notation/regex.js";
import type { TreePath } from "../../text/tree.js";
import type { CheckContext } from "../context.js";

/** Complains about a text that is no regular expression of JavaScript. */
export function checkRegex(context: CheckContext, pattern: string, path: TreePath): void {
  const mistake = regexMistake(pattern);
  if (mistake !== null)
    context.diagnostics.error("wrong-value", context.at(...path), mistake.message, mistake.help);
}
