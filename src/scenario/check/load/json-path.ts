import type { Span } from "../../text/source.js";
import { parseJsonPath } from "../../values/json-path.js";
import type { CheckContext } from "../context.js";

/** Complains about a text that leads to no value, or to more than one. */
export function checkJsonPath(context: CheckContext, text: string, at: Span): void {
  if (parseJsonPath(text)) return;
  const beyond = BEYOND.find(([pattern]) => pattern.test(withoutQuoted(text)))?.[1];
  const message =
    beyond === undefined
      ? `\`${text}\` is not a JSON path`
      : `\`${text}\`: ${beyond} are not supported in a JSON path`;
  const fromRoot = `$${/^[.[]/.test(text) ? "" : "."}${text}`;
  const help = !text.startsWith("$") && parseJsonPath(fromRoot) ? `Write ${fromRoot}.` : JSON_PATH_HELP;
  context.diagnostics.error("wrong-value", at, message, help);
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
