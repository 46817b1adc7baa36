import { messageOf } from "../support/errors.js";
import type { Mistake } from "./complaint.js";

/** Why a text is no regular expression of JavaScript. @returns null when it is one. */
export function regexMistake(pattern: string): Mistake | null {
  try {
    new RegExp(pattern);
    return null;
  } catch (error) {
    const why = messageOf(error).replace(/^Invalid regular expression: .*: /s, "");
    return { message: `not a regular expression: ${why}`, help: REGEX_HELP };
  }
}

const REGEX_HELP =
  "Write it as JavaScript does: there are no flags such as (?i), so [Aa] for either case; named groups are (?<name>…).";
