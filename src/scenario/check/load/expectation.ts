import { looksLikeComparison } from "../../../quantities/comparison.js";
import type { ValidParts } from "../../../quantities/valid-parts.js";
import type { ConditionsInput, ExpectationInput } from "../../schema/expectation.js";
import type { TreePath } from "../../text/tree.js";
import type { CheckContext } from "../context.js";
import { checkJsonPath } from "./json-path.js";
import { checkRegex } from "./regex.js";

/** Complains about what no answer can be, and about what reads otherwise than it was meant. */
export function checkExpectation(
  context: CheckContext,
  expect: ValidParts<ExpectationInput> | undefined,
  path: TreePath,
  headersKey: "headers" | "header" = "headers",
): void {
  for (const [name, wanted] of Object.entries(expect?.headers ?? {})) {
    if (isConditions(wanted)) checkConditions(context, wanted, [...path, headersKey, name]);
  }
  if (isConditions(expect?.body)) checkConditions(context, expect.body, [...path, "body"]);
  for (const [jsonPath, wanted] of Object.entries(expect?.json ?? {})) {
    const at = [...path, "json", jsonPath];
    checkJsonPath(context, jsonPath, context.key(...at));
    if (isConditions(wanted)) checkConditions(context, wanted, at);
    else if (typeof wanted === "string" && looksLikeComparison(wanted)) {
      const message = `\`${wanted}\` is compared as a text: it is no comparison with one number`;
      context.diagnostics.warning("suspicious", context.at(...at), message, COMPARISON_HELP);
    }
  }
}

const COMPARISON_HELP =
  'Write ">= 0", { ">=": 0, "<": 10 }, { not: null } or { regex: "^[a-z]+$" }; { equals: … } if the text itself is meant.';

/** A comparison in short form has become a map here, but it may be no map in the file. Its text was read already. */
export function checkConditions(
  context: CheckContext,
  wanted: ValidParts<ConditionsInput>,
  path: TreePath,
): void {
  if (wanted.regex !== undefined) checkRegex(context, wanted.regex, [...path, "regex"]);
  const others = Object.keys(wanted).filter((key) => key !== "exists");
  if (wanted.exists === false && others.length > 0) {
    const message = `what is not there cannot have \`${others[0]}\`, too`;
    context.diagnostics.error("conflict", context.key(...path, "exists"), message, "Leave out one of them.");
  }
  const least = Math.max(wanted[">"] ?? Number.NEGATIVE_INFINITY, wanted[">="] ?? Number.NEGATIVE_INFINITY);
  const most = Math.min(wanted["<"] ?? Number.POSITIVE_INFINITY, wanted["<="] ?? Number.POSITIVE_INFINITY);
  const withoutEnds = least === most && (wanted[">"] === least || wanted["<"] === most);
  if (least > most || withoutEnds) {
    const message = `no number is ${boundText(wanted, [">", ">="])} and ${boundText(wanted, ["<", "<="])}`;
    context.diagnostics.error("conflict", context.key(...path), message, "Exchange the two, or widen them.");
  }
}

function boundText(wanted: ValidParts<ConditionsInput>, keys: readonly (">" | ">=" | "<" | "<=")[]): string {
  return keys.flatMap((key) => (wanted[key] === undefined ? [] : `${key} ${wanted[key]}`)).join(" and ");
}

export function isConditions<T>(wanted: T): wanted is Extract<T, object> {
  return typeof wanted === "object" && wanted !== null;
}
