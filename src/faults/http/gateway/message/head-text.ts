/** A message's head as it stands on the wire, as text of one character for each byte. */

/** How the end of a body is found. */
export type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" }
  /** It ends with the connection. */
  | { readonly kind: "close" };

export const NO_BODY: Framing = { kind: "none" };

/** What decides where a message and its connection end. */
export interface Ends {
  /** "unsaid": the headers say nothing of a body. */
  readonly framing: Framing | "unsaid";
  /** In lower case; empty where it is not there. */
  readonly connection: string;
  readonly expect: string;
  readonly hasIdempotencyKey: boolean;
}

const DECIDING =
  /\r\n(content-length|transfer-encoding|connection|expect|idempotency-key)([ \t]*):[ \t]*([^\r\n]*)(?=\r\n([ \t])?)/gi;

/** @returns null where servers would find the body's end in different places. */
export function endsSaid(head: string): Ends | null {
  let length: string | null = null;
  let coding = "";
  let connection = "";
  let expect = "";
  let hasIdempotencyKey = false;
  DECIDING.lastIndex = 0;
  for (let found = DECIDING.exec(head); found; found = DECIDING.exec(head)) {
    const [, name = "", space, value = "", fold] = found;
    // Some servers take what others refuse (RFC 9112, sections 5.1 and 5.2).
    if (space !== "" || fold !== undefined) return null;
    const text = value.trimEnd();
    switch (name.toLowerCase()) {
      case "content-length":
        if (length !== null && length !== text) return null;
        length = text;
        break;
      case "transfer-encoding":
        coding = coding === "" ? text : `${coding}, ${text}`;
        break;
      case "connection":
        connection = `${connection} ${text.toLowerCase()}`;
        break;
      case "expect":
        expect = text.toLowerCase();
        break;
      default:
        hasIdempotencyKey = true;
    }
  }
  const framing = framingOf(length, coding);
  return framing && { framing, connection, expect, hasIdempotencyKey };
}

function framingOf(length: string | null, coding: string): Ends["framing"] | null {
  if (coding !== "") {
    if (length !== null) return null;
    return /(?:^|,)[ \t]*chunked$/i.test(coding) ? { kind: "chunked" } : { kind: "close" };
  }
  if (length === null) return "unsaid";
  if (!/^\d{1,15}$/.test(length)) return null;
  const bytes = Number(length);
  return bytes === 0 ? NO_BODY : { kind: "length", bytes };
}

/** The request line, or the status line. */
export function startLine(head: string): string {
  return head.slice(0, head.indexOf("\r\n"));
}

/** Values of a header, in their order. @param name in lower case. */
export function headerValues(head: string, name: string): readonly string[] {
  return head
    .split("\r\n")
    .slice(1)
    .flatMap((line) => {
      const colon = line.indexOf(":");
      return colon > 0 && line.slice(0, colon).toLowerCase() === name ? [line.slice(colon + 1).trim()] : [];
    });
}
