/** What contradicts itself among the keys under `http:`. */

import type { Complaint } from "../../../notation/complaint.js";
import type { ValidParts } from "../../../quantities/valid-parts.js";
import type { HttpInput } from "./input.js";

type Input = ValidParts<HttpInput>;
type Key = keyof HttpInput;

const SELECTORS: readonly Key[] = ["share", "first", "every", "above"];
/** They cannot be done to the same answer. */
const EXCLUSIVE: readonly (readonly [Key, Key, string])[] = [
  ["close", "reset", "each ends the connection"],
  ["status", "close", "there is an answer, or there is none"],
  ["status", "reset", "there is an answer, or there is none"],
  ["body", "close", "there is an answer, or there is none"],
  ["body", "reset", "there is an answer, or there is none"],
  ["cut", "close", "there is an answer, or there is none"],
  ["cut", "reset", "there is an answer, or there is none"],
  ["slowHeaders", "close", "there is an answer, or there is none"],
  ["slowHeaders", "reset", "there is an answer, or there is none"],
  ["status", "cut", "`cut` is for the dependency's own answer"],
  ["body", "cut", "`cut` is for the dependency's own body"],
];
/** What goes with another key alone. */
const NEEDS: readonly (readonly [Key, Key, string])[] = [
  ["jitter", "delay", "`jitter` varies `delay`"],
  ["before", "delay", "`before` says what `delay` holds"],
  ["headers", "status", "`headers` are those of the answer with `status`"],
];
/** They are worked out from the body. */
const OWN_HEADERS = /^(?:content-length|transfer-encoding|connection|trailer)$/i;

export function checkHttp(input: Input): readonly Complaint[] {
  const has = (key: Key) => input[key] !== undefined;
  const complaints: Complaint[] = [];
  const conflict = (key: string, message: string, help?: string) =>
    complaints.push({ code: "conflict", path: ["http", key], at: "key", message, ...(help ? { help } : {}) });
  const wrong = (path: readonly string[], message: string, help?: string) =>
    complaints.push({
      code: "wrong-value",
      path: ["http", ...path],
      at: "value",
      message,
      ...(help ? { help } : {}),
    });
  const [chosen, second] = SELECTORS.filter(has);
  if (chosen !== undefined && second !== undefined) {
    const help = "Choose by one of share, first, every, above; `match` goes with each of them.";
    conflict(second, `\`${second}\` and \`${chosen}\` both choose among requests`, help);
  }
  for (const [one, other, why] of EXCLUSIVE) {
    if (has(one) && has(other)) conflict(other, `\`${other}\` cannot stand beside \`${one}\`: ${why}`);
  }
  for (const [key, needed, why] of NEEDS) {
    if (has(key) && !has(needed)) conflict(key, `${why}, which is missing`);
  }
  if (input.before === "answer" && (has("status") || has("close") || has("reset"))) {
    conflict("before", "`before: answer` holds the dependency's answer, and here it gives none");
  }
  if (input.body !== undefined && (input.status === 204 || input.status === 304)) {
    conflict("body", `an answer with status ${input.status} has no body`);
  }
  if (input.cut?.ratio === 1)
    wrong(["cut"], "a cut leaves less than all of the body", "For example cut: 50%.");
  for (const [name, value] of Object.entries(input.headers ?? {})) {
    if (OWN_HEADERS.test(name)) {
      wrong(["headers", name], `\`${name}\` is set by faultline itself, as the body has it`);
    } else if (value !== undefined && /[^\t\x20-\x7e\x80-\xff]/.test(value)) {
      wrong(["headers", name], "a header's value is one line of Latin letters");
    }
  }
  checkMatch(input, wrong);
  return complaints;
}

function checkMatch(
  { match }: Input,
  wrong: (path: readonly string[], message: string, help?: string) => void,
): void {
  const { method, path } = match ?? {};
  if (method !== undefined && !/^[!#$%&'*+\-.^_`|~0-9A-Z]+$/.test(method)) {
    const upper = method.toUpperCase();
    const help = /^[A-Z]+$/.test(upper) ? `Write ${upper}.` : "For example POST.";
    wrong(["match", "method"], `no request has the method \`${method}\``, help);
  }
  if (path === undefined) return;
  const at = ["match", "path"];
  if (/[?#]/.test(path))
    wrong(at, "a path has no query, so that this matches nothing", "Use `query` beside it.");
  else if (/[^\x21-\x7e]/.test(path)) {
    wrong(at, "this matches nothing: a path is compared as it is sent", `Write ${encodeURI(path)}.`);
  } else if (!/^[/*]/.test(path)) {
    wrong(at, "this matches nothing: a path begins with /", `Write /${path}, or *${path}.`);
  }
}
