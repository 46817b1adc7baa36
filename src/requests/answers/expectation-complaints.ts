import type { Complaint, Mistake } from "../../notation/complaint.js";
import { jsonPathMistake } from "../../notation/json-path.js";
import { regexMistake } from "../../notation/regex.js";
import { looksLikeComparison } from "../../quantities/comparison.js";
import type { ValidParts } from "../../quantities/valid-parts.js";
import type { ConditionsInput, ExpectationInput } from "./expectation-schema.js";

type Path = Complaint["path"];

/** About what no answer can be, and about what reads otherwise than it was meant. */
export function expectationComplaints(
  expect: ValidParts<ExpectationInput> | undefined,
  path: Path,
  headersKey: "headers" | "header" = "headers",
): readonly Complaint[] {
  const ofBody = isConditions(expect?.body) ? conditionComplaints(expect.body, [...path, "body"]) : [];
  return [
    ...textComplaints(expect?.headers, [...path, headersKey]),
    ...ofBody,
    ...jsonComplaints(expect?.json, [...path, "json"], jsonPathMistake),
  ];
}

/** About a map of names to texts or conditions. */
export function textComplaints(
  wanted: ValidParts<NonNullable<ExpectationInput["headers"]>> | undefined,
  path: Path,
): readonly Complaint[] {
  return Object.entries(wanted ?? {}).flatMap(([name, one]) =>
    isConditions(one) ? conditionComplaints(one, [...path, name]) : [],
  );
}

/** About a map of JSON paths to values or conditions. `mistakeOf`: why a path leads to no value. */
export function jsonComplaints(
  wantedValues: ValidParts<NonNullable<ExpectationInput["json"]>> | undefined,
  path: Path,
  mistakeOf: (jsonPath: string) => Mistake | null,
): readonly Complaint[] {
  return Object.entries(wantedValues ?? {}).flatMap(([jsonPath, wanted]): readonly Complaint[] => {
    const at = [...path, jsonPath];
    const mistake = mistakeOf(jsonPath);
    const ofPath: readonly Complaint[] =
      mistake === null ? [] : [{ code: "wrong-value", path: at, at: "key", ...mistake }];
    if (isConditions(wanted)) return [...ofPath, ...conditionComplaints(wanted, at)];
    if (typeof wanted !== "string" || !looksLikeComparison(wanted)) return ofPath;
    const message = `\`${wanted}\` is compared as a text: it is no comparison with one number`;
    return [...ofPath, { code: "suspicious", path: at, at: "value", message, help: COMPARISON_HELP }];
  });
}

const COMPARISON_HELP =
  'Write ">= 0", { ">=": 0, "<": 10 }, { not: null } or { regex: "^[a-z]+$" }; { equals: … } if the text itself is meant.';

/** A comparison in short form has become a map here, but it may be no map in the file. Its text was read already. */
export function conditionComplaints(wanted: ValidParts<ConditionsInput>, path: Path): readonly Complaint[] {
  const complaints: Complaint[] = [];
  const mistake = wanted.regex === undefined ? null : regexMistake(wanted.regex);
  if (mistake !== null) {
    complaints.push({ code: "wrong-value", path: [...path, "regex"], at: "value", ...mistake });
  }
  const others = Object.keys(wanted).filter((key) => key !== "exists");
  if (wanted.exists === false && others.length > 0) {
    const message = `what is not there cannot have \`${others[0]}\`, too`;
    const help = "Leave out one of them.";
    complaints.push({ code: "conflict", path: [...path, "exists"], at: "key", message, help });
  }
  const least = Math.max(wanted[">"] ?? Number.NEGATIVE_INFINITY, wanted[">="] ?? Number.NEGATIVE_INFINITY);
  const most = Math.min(wanted["<"] ?? Number.POSITIVE_INFINITY, wanted["<="] ?? Number.POSITIVE_INFINITY);
  const withoutEnds = least === most && (wanted[">"] === least || wanted["<"] === most);
  if (least > most || withoutEnds) {
    const message = `no number is ${boundText(wanted, [">", ">="])} and ${boundText(wanted, ["<", "<="])}`;
    const help = "Exchange the two, or widen them.";
    complaints.push({ code: "conflict", path, at: "key", message, help });
  }
  return complaints;
}

function boundText(wanted: ValidParts<ConditionsInput>, keys: readonly (">" | ">=" | "<" | "<=")[]): string {
  return keys.flatMap((key) => (wanted[key] === undefined ? [] : `${key} ${wanted[key]}`)).join(" and ");
}

export function isConditions<T>(wanted: T): wanted is Extract<T, object> {
  return typeof wanted === "object" && wanted !== null;
}
