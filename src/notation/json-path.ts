import type { Mistake } from "./complaint.js";

/** A path such as $.items[0].id or $['odd name']: the keys and positions from the root on. */
export type JsonPath = readonly (string | number)[];

const STEP = /\.([A-Za-z_$][\w$-]*)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y;

/** @returns null when the text is no such path. */
export function parseJsonPath(text: string): JsonPath | null {
  if (!text.startsWith("$")) return null;
  const steps: (string | number)[] = [];
  for (let at = 1; at < text.length; at = STEP.lastIndex) {
    STEP.lastIndex = at;
    const match = STEP.exec(text);
    if (!match) return null;
    const [, name, position, single, double] = match;
    if (position !== undefined) steps.push(Number(position));
    else steps.push(name ?? (single ?? double ?? "").replace(/\\(.)/g, "$1"));
  }
  return steps;
}

/** Why a text leads to no value, or to more than one. @returns null when it is a JSON path. */
export function jsonPathMistake(text: string): Mistake | null {
  if (parseJsonPath(text)) return null;
  const beyond = BEYOND.find(([pattern]) => pattern.test(withoutQuoted(text)))?.[1];
  const message =
    beyond === undefined
      ? `\`${text}\` is not a JSON path`
      : `\`${text}\`: ${beyond} are not supported in a JSON path`;
  const fromRoot = `$${/^[.[]/.test(text) ? "" : "."}${text}`;
  const help = !text.startsWith("$") && parseJsonPath(fromRoot) ? `Write ${fromRoot}.` : JSON_PATH_HELP;
  return { message, help };
}

/** What RFC 9535 has beyond names and positions. */
const BEYOND: readonly (readonly [RegExp, string])[] = [
  [/\[\s*\?/, "filters ([?…])"],
  [/\.\./, "searches at any depth (..)"],
  [/\*/, "wildcards (*)"],
  [/\[[^\]]*[:,]/, "slices and lists of positions"],
  [/\[\s*-\d/, "positions from the end"],
];

/** Inside quotes these signs are part of a name. */
function withoutQuoted(text: string): string {
  return text.replace(/"[^"]*"|'[^']*'/g, '""');
}

const JSON_PATH_HELP =
  'It goes by names and positions (from 0) to one value: $.access_token, $.items[0].id or $["odd name"].';
