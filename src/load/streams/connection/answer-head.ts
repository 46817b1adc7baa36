/** The head of an answer, without the pseudo-header. */
export interface StreamAnswerHead {
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** −1: it does not say. */
  readonly contentLength: number;
}

/** They belong to one connection of HTTP/1.1. RFC 9113, 8.2.2. */
const OF_CONNECTION = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);
// Anything but upper case, controls, spaces and a colon that does not begin it. RFC 9113, 8.2.1.
const NAME = /^[!-9;-@[-~]+$/;
const BREAK = /[\r\n\0]/;

/** @returns why it is malformed, to be put behind "malformed answer: ". */
export function readStreamHead(fields: readonly string[]): StreamAnswerHead | string {
  if (fields[0] !== ":status") return "no :status";
  const status = fields[1] ?? "";
  if (!/^[1-9]\d\d$/.test(status)) return ":status";
  const headers = fields.slice(2);
  const problem = fieldProblem(headers);
  if (problem !== null) return problem;
  const contentLength = lengthIn(headers);
  if (contentLength === null) return "content-length";
  return { status: Number(status), headers, contentLength };
}

/** What is wrong with headers, or with trailers. Neither has pseudo-headers. */
export function fieldProblem(fields: readonly string[]): string | null {
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i]!;
    if (!NAME.test(name) || OF_CONNECTION.has(name)) return "a header that HTTP/2 does not allow";
    if (BREAK.test(fields[i + 1]!)) return "a line break in a header";
  }
  return null;
}

/** @returns null when it is no number, or not the same one everywhere. */
function lengthIn(headers: readonly string[]): number | null {
  let length = -1;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (headers[i] !== "content-length") continue;
    const value = headers[i + 1]!;
    if (!/^\d+$/.test(value) || !Number.isSafeInteger(Number(value))) return null;
    if (length >= 0 && length !== Number(value)) return null;
    length = Number(value);
  }
  return length;
}
