import type { RuledRequest } from "../rules/wanted.js";
import { endsSaid, type Framing, headerValues, NO_BODY, startLine } from "./head-text.js";

export interface RequestHead extends RuledRequest {
  /** All of it, a character for each byte. */
  readonly text: string;
  readonly framing: Framing;
  /** The client waits for leave to send its body. */
  readonly expectsContinue: boolean;
  /** The connection ends with the answer. */
  readonly isLast: boolean;
  readonly hasIdempotencyKey: boolean;
}

const REQUEST_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) (\S+) HTTP\/1\.([01])$/;
/** What may yet become one. */
const BEGUN_LINE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}(?: \S*(?: H?T?T?P?\/?1?\.?[01]?\r?)?)?$/;

/** @returns null when this is no request, or one whose end two servers would see in different places. */
export function readRequestHead(text: string): RequestHead | null {
  const [, method, target, minor] = REQUEST_LINE.exec(startLine(text)) ?? [];
  if (method === undefined || target === undefined) return null;
  const ends = endsSaid(text);
  // A request cannot end with its connection: nobody could answer it.
  if (!ends || (ends.framing !== "unsaid" && ends.framing.kind === "close")) return null;
  const { framing, connection, expect, hasIdempotencyKey } = ends;
  return {
    method,
    target,
    text,
    valuesOf: (name) => headerValues(text, name),
    framing: framing === "unsaid" ? NO_BODY : framing,
    hasIdempotencyKey,
    expectsContinue: expect === "100-continue",
    isLast: connection.includes("close") || (minor === "0" && !connection.includes("keep-alive")),
  };
}

/** Whether this may be the beginning of a request. */
export function mayBeRequest(text: string): boolean {
  const end = text.indexOf("\n");
  return end < 0 ? BEGUN_LINE.test(text) : REQUEST_LINE.test(text.slice(0, end).replace(/\r$/, ""));
}
