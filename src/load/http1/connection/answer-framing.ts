import type { AnswerParser } from "./autocannon-client.js";

const LENGTH = /^[0-9]+$/;
const CHUNKED_AT_LAST = /,[ \t]*chunked$/i;

/**
 * Corrects http-parser-js where it departs from RFC 9112, section 6, about the end of the body: it sees `chunked` only
 * where that is the one coding. Call it when the parser has just read the head of an answer that can have a body.
 * @returns false when the announced length is no number. The parser takes "", "0x5" and "5e0" for numbers.
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
