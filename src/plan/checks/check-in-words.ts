import { referenceText } from "../../kubernetes/references/object-reference.js";
import type { Conditions, PlainValue } from "../../requests/answers/expectation.js";
import type { CheckExpectation, CheckSpec, CommandAsk } from "./check-spec.js";

/** What no shell reads in a way of its own. */
const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/** Whom a check asks: its command, its URL, or an object of a cluster. */
export function askedText({ ask }: Pick<CheckSpec, "ask">): string {
  switch (ask.kind) {
    case "http":
      return ask.url;
    case "command":
      return commandText(ask);
    case "kubernetes":
      return referenceText(ask.object);
  }
}

/** As it could be typed into a shell. */
function commandText({ command, shell }: CommandAsk): string {
  // A text for a shell has its quotes.
  return shell ? command.join(" ") : command.map(wordText).join(" ");
}

function wordText(word: string): string {
  if (PLAIN_WORD.test(word)) return word;
  return /["$`\\!]/.test(word) ? `'${word.replaceAll("'", "'\\''")}'` : `"${word}"`;
}

/** "number >= 0", or "checkout: lost 0, duplicated 0" */
export function expectationInWords({ expect, ids }: Pick<CheckSpec, "expect" | "ids">): string {
  if (ids === null) return expect === null ? "" : answerText(expect);
  const limits = Object.entries(ids.most).filter(([, most]) => most !== null);
  return `${ids.request}: ${limits.map(([kind, most]) => `${kind} ${most === 0 ? "" : "at most "}${most}`).join(", ")}`;
}

/** "number >= 0", "json $.min >= 0", "exit 0" */
function answerText({ exit, status, number, text, json }: CheckExpectation): string {
  const parts = [
    ...(exit === null ? [] : [`exit ${exit}`]),
    ...(status === null ? [] : [`status ${status.join(" or ")}`]),
    ...(number === null ? [] : [`number ${conditionsText(number)}`]),
    ...(text === null ? [] : [`text ${typeof text === "string" ? quoted(text) : conditionsText(text)}`]),
    ...Object.entries(json).map(([path, wanted]) => `json ${path} ${valueText(wanted)}`),
  ];
  return parts.join(", ");
}

function valueText(wanted: PlainValue | Conditions): string {
  return wanted !== null && typeof wanted === "object" ? conditionsText(wanted) : quoted(wanted);
}

function conditionsText({ equals, ...others }: Conditions): string {
  const rest = Object.entries(others).filter(([, value]) => value !== undefined);
  return [
    ...(equals === undefined ? [] : [quoted(equals)]),
    ...rest.map(([key, value]) => `${key} ${quoted(value)}`),
  ].join(" and ");
}

function quoted(value: unknown): string {
  return JSON.stringify(value);
}
