import { parseReference } from "../../notation/template.js";
import { encodeStrange } from "../../notation/url-reference.js";
import { quotedName } from "../../requests/http/bodies/quoted-name.js";
import { type CompiledPart, compileTemplate, type Encode } from "../mix/request-template.js";
import type { Values } from "../mix/values.js";

/** The place in a request where a value stands. */
export type Encoding = "url" | "path" | "header" | "json" | "form" | "name" | "none";

/** Half of a surrogate pair, as cut texts have. It is no character, and no encoding has a place for it. */
const LONE_SURROGATE = /\p{Surrogate}/gu;
const percentEncode = (value: string) => encodeURIComponent(value.replace(LONE_SURROGATE, "\ufffd"));

const ENCODE: Readonly<Record<Encoding, Encode>> = {
  url: percentEncode,
  /** The value is a path, or a part of one, already. */
  path: encodeStrange,
  // A line break in a header value would begin another header.
  header: (value) => value.replace(/[\r\n\0]+/g, " "),
  json: (value) => JSON.stringify(value).slice(1, -1),
  form: (value) => percentEncode(value).replaceAll("%20", "+"),
  /** Between the quotes of a name in a form with files. */
  name: quotedName,
  none: (value) => value,
};

/** A template for that part of a request. @throws SCENARIO_INVALID for unknown expressions. */
export function compileEncoded(text: string, encoding: Encoding, values: Values): CompiledPart[] {
  const encodeFor = (expression: string) =>
    ENCODE[encoding === "url" && isPathValue(expression) ? "path" : encoding];
  return compileTemplate(text, encodeFor, values);
}

/** Whether the expression ends in "| path". */
function isPathValue(expression: string): boolean {
  const reference = parseReference(expression);
  return (reference.kind === "data" || reference.kind === "capture") && reference.isPath;
}
