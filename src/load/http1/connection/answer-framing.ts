import type { AnswerParser } from "./autocannon-client.js";

const LENGTH = /^[0-9]+$/;
const CHUNKED_AT_LAST = /,[ \t]*chunked$/i;

/**
 * To be called when the parser has just read a head, for an answer that can have a body. Corrects what http-parser-js
 * makes of the body's end where it departs from RFC 9112, section 6: it looks for `chunked` only where that is the
 * one coding. Returns false when the announced length is none: it takes "", "0x5" and "5e0" for numbers.
 */
export function settleFraming(parser: AnswerParser, headers: readonly string[]): boolean {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i]!;
    if (name.length === 17 && name.toLowerCase() === "transfer-encoding") {
      if (CHUNKED_AT_LAST.test(headers[i + 1]!)) {
        parser.isChunked = true;
        parser.body_bytes = null;
      }
    } else if (name.length === 14 && name.toLowerCase() === "content-length") {
      if (!parser.isChunked && !LENGTH.test(headers[i + 1]!)) return false;
    }
  }
  return parser.body_bytes === null || Number.isSafeInteger(parser.body_bytes);
}
