import { endsSaid, type Framing, NO_BODY, startLine } from "./head-text.js";

export interface AnswerHead {
  readonly status: number;
  /** All of it, a character for each byte. */
  readonly text: string;
  readonly framing: Framing;
}

const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})(?: |$)/;
/** What may yet become one. */
const BEGUN_LINE = /^H?T?T?P?\/?1?\.?[01]? ?\d{0,3}(?: .*)?\r?$/;

/** @param method of the request. @returns null when this is no answer, or its end is not known. */
export function readAnswerHead(text: string, method: string | null): AnswerHead | null {
  const [, digits] = STATUS_LINE.exec(startLine(text)) ?? [];
  if (digits === undefined) return null;
  const ends = endsSaid(text);
  if (!ends) return null;
  const status = Number(digits);
  // RFC 9112, section 6.3: whatever the headers say, these have no body.
  const isEmpty = method === "HEAD" || status < 200 || status === 204 || status === 304;
  if (isEmpty) return { status, text, framing: NO_BODY };
  return { status, text, framing: ends.framing === "unsaid" ? { kind: "close" } : ends.framing };
}

/** Whether this may be the beginning of an answer. */
export function mayBeAnswer(text: string): boolean {
  const end = text.indexOf("\n");
  return end < 0 ? BEGUN_LINE.test(text) : STATUS_LINE.test(text.slice(0, end).replace(/\r$/, ""));
}
