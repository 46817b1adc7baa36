import { unpack } from "./unpack.js";

/** The body of an answer. It is unpacked and decoded at most once, however many look at it. */
export class AnswerBody {
  readonly #parts: readonly Buffer[];
  readonly #headers: readonly string[];
  #text: string | null = null;
  #json: { readonly value: unknown } | null = null;

  /** `headers`: names and values in turn. [] when the body is unpacked already. */
  constructor(parts: readonly Buffer[], headers: readonly string[] = []) {
    this.#parts = parts;
    this.#headers = headers;
  }

  /**
   * The body without the byte order mark that some servers put first (RFC 8259, 8.1: a reader may ignore it).
   * @throws Error when it cannot be unpacked.
   */
  get text(): string {
    this.#text ??= withoutMark(this.#unpacked().toString("utf8"));
    return this.#text;
  }

  #unpacked(): Buffer {
    return unpack(Buffer.concat(this.#parts), headerValue(this.#headers, "content-encoding"));
  }

  /** undefined when the body is not JSON. @throws Error when it cannot be unpacked. */
  get json(): unknown {
    this.#json ??= { value: parse(this.text) };
    return this.#json.value;
  }
}

function withoutMark(text: string): string {
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const NOT_ASCII = /[\x80-\xff]/;
const UTF_8 = new TextDecoder("utf-8", { fatal: true });

/** All values of a header (lower-case name), joined as HTTP allows. @returns null when the header is missing. */
export function headerValue(headers: readonly string[], name: string): string | null {
  let value: string | null = null;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (headers[i]!.toLowerCase() === name) {
      value = value === null ? headers[i + 1]! : `${value}, ${headers[i + 1]!}`;
    }
  }
  return value === null ? null : headerText(value);
}

/** Heads are read byte by byte. Bytes beyond ASCII are UTF-8 today, and were Latin-1. */
export function headerText(latin1: string): string {
  if (!NOT_ASCII.test(latin1)) return latin1;
  try {
    return UTF_8.decode(Buffer.from(latin1, "latin1"));
  } catch {
    return latin1;
  }
}
