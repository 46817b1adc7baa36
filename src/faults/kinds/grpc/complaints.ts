/** What contradicts itself among the keys under `grpc:` of a fault. */

import type { Complaint } from "../../../notation/complaint.js";
import type { ValidParts } from "../../../quantities/valid-parts.js";
import type { GrpcInput } from "./input.js";

type Input = ValidParts<GrpcInput>;
type Key = keyof GrpcInput;

const SELECTORS: readonly Key[] = ["share", "first", "every", "above"];
/** What goes with another key alone. */
const NEEDS: readonly (readonly [Key, Key, string])[] = [
  ["jitter", "delay", "`jitter` varies `delay`"],
  ["before", "delay", "`before` says what `delay` holds"],
  ["message", "status", "`message` goes with `status`"],
  ["trailers", "status", "`trailers` go with `status`"],
];
/** They have keys of their own. */
const OWN_TRAILERS: Readonly<Record<string, string>> = {
  "grpc-status": "`status`",
  "grpc-message": "`message`",
};
/** RFC 9113 8.2.2, and what describes a body. With one of them clients take the answer for malformed. */
const NOT_IN_HTTP2 =
  /^(?:connection|proxy-connection|keep-alive|transfer-encoding|upgrade|te|trailer|host|content-length|content-type)$/i;
/** Of `-bin`: several values may stand in one, and padding may be left out. */
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

export function checkGrpc(input: Input): readonly Complaint[] {
  const has = (key: Key) => input[key] !== undefined;
  const complaints: Complaint[] = [];
  const add = (code: "conflict" | "wrong-value", path: readonly string[], message: string, help?: string) =>
    complaints.push({
      code,
      path: ["grpc", ...path],
      at: code === "conflict" ? "key" : "value",
      message,
      ...(help ? { help } : {}),
    });
  const [chosen, second] = SELECTORS.filter(has);
  if (chosen !== undefined && second !== undefined) {
    const help = "Choose by one of share, first, every, above; `match` goes with each of them.";
    add("conflict", [second], `\`${second}\` and \`${chosen}\` both choose among calls`, help);
  }
  if (has("status") && has("cut")) {
    add("conflict", ["cut"], "`cut` cannot stand beside `status`: `cut` is for the dependency's own answer");
  }
  for (const [key, needed, why] of NEEDS) {
    if (has(key) && !has(needed)) add("conflict", [key], `${why}, which is missing`);
  }
  if (input.before === "answer" && has("status")) {
    add("conflict", ["before"], "`before: answer` holds the dependency's answer, and here it gives none");
  }
  checkTrailers(input.trailers ?? {}, add);
  checkMethod(input.match?.method, add);
  return complaints;
}

type Add = (
  code: "conflict" | "wrong-value",
  path: readonly string[],
  message: string,
  help?: string,
) => void;

function checkTrailers(trailers: Readonly<Record<string, string | undefined>>, add: Add): void {
  for (const [name, value] of Object.entries(trailers)) {
    const own = OWN_TRAILERS[name.toLowerCase()];
    const wrong = (message: string, help?: string) => add("wrong-value", ["trailers", name], message, help);
    if (own !== undefined) wrong(`\`${name}\` is what ${own} says`);
    else if (NOT_IN_HTTP2.test(name)) {
      wrong(`\`${name}\` is no metadata, and clients would take the answer for malformed`, "Leave it out.");
    } else if (value === undefined) continue;
    else if (/[^\x20-\x7e]/.test(value)) wrong("a value of metadata is one line of ASCII");
    else if (value.trim() !== value) wrong("a value of metadata has no space at its ends");
    else if (/-bin$/i.test(name) && !value.split(",").every(isBase64)) {
      wrong("the value of `-bin` is no base64", 'For example x-trace-bin: "AAEC".');
    }
  }
}

function isBase64(value: string): boolean {
  return BASE64.test(value) && value.replace(/=+$/, "").length % 4 !== 1;
}

function checkMethod(method: string | undefined, add: Add): void {
  if (method === undefined) return;
  const at = ["match", "method"];
  if (method.startsWith("/")) {
    add(
      "wrong-value",
      at,
      "this matches nothing: a method has no slash before it",
      `Write ${method.slice(1)}.`,
    );
  } else if (/[^\x21-\x7e]/.test(method)) {
    add("wrong-value", at, "this matches nothing: no method has such a name", "For example shop.Quotes/Get.");
  } else if (!/[/*]/.test(method)) {
    const dotted = method.replace(/\.(\w+)$/, "/$1");
    const help =
      dotted === method ? `Write *.SERVICE/${method}, or */${method}.` : `Write ${dotted}, or ${method}/*.`;
    add("wrong-value", at, "this matches nothing: a method is package.Service/Method", help);
  }
}
