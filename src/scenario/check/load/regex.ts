import { messageOf } from "../../../support/errors.js";
import type { TreePath } from "../../text/tree.js";
import type { CheckContext } from "../context.js";

/** Complains about a text that is no regular expression of JavaScript. */
export function checkRegex(context: CheckContext, pattern: string, path: TreePath): void {
  try {
    new RegExp(pattern);
  } catch (error) {
    const why = messageOf(error).replace(/^Invalid regular expression: .*: /s, "");
    const message = `not a regular expression: ${why}`;
    context.diagnostics.error("wrong-value", context.at(...path), message, REGEX_HELP);
  }
}

const REGEX_HELP =
  "Write it as JavaScript does: there are no flags such as (?i), so [Aa] for either case; named groups are (?<name>…).";
