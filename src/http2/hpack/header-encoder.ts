import { ENTRY_BYTES } from "./header-decoder.js";
import { STATIC_TABLE } from "./static-table.js";

/**
 * A block of headers as it is sent. No table is used beyond the static one: the same headers have the same bytes on each
 * connection, and are encoded once.
 */
export interface Head {
  readonly bytes: Buffer;
  /** What the list counts against the peer's limit: RFC 9113, 6.5.2. */
  readonly listBytes: number;
}

/** Names in lower case. Pseudo-headers come first. */
export type HeadField = readonly [name: string, value: string];

const LITERAL = 0x00;
/** No proxy may keep it in a table. */
const NEVER_KEPT = 0x10;
const SECRET = new Set(["authorization", "cookie", "proxy-authorization"]);

const NAME_INDEX: ReadonlyMap<string, number> = new Map(
  STATIC_TABLE.map(([name], i) => [name, i + 1] as const).reverse(),
);
const FIELD_INDEX: ReadonlyMap<string, number> = new Map(
  STATIC_TABLE.map(([name, value], i) => [`${name}\0${value}`, i + 1] as const),
);

export function encodeHead(fields: readonly HeadField[]): Head {
  const trimmed = fields.map(([name, value]) => [name, withoutOuterSpace(value)] as const);
  const pieces = trimmed.map(([name, value]) => encodeField(name, value));
  return {
    bytes: Buffer.concat(pieces),
    listBytes: trimmed.reduce((sum, field) => sum + listBytesOf(field), 0),
  };
}

/** It is no part of a value, and HTTP/2 forbids it there: RFC 9113, 8.2.1. */
export function withoutOuterSpace(value: string): string {
  return value.replace(/^[ \t]+|[ \t]+$/g, "");
}

/** What a header counts against the peer's limit. */
export function listBytesOf([name, value]: HeadField): number {
  return name.length + Buffer.byteLength(value) + ENTRY_BYTES;
}

/**
 * One header.
 * @param charset latin1 for a value that was read from a block, one character an octet.
 */
export function encodeField(
  name: string,
  value: string,
  isSecret = SECRET.has(name),
  charset: "utf8" | "latin1" = "utf8",
): Buffer {
  const index = isSecret ? undefined : FIELD_INDEX.get(`${name}\0${value}`);
  // An empty value stands in the table for "any".
  if (index !== undefined && value !== "") return Buffer.from(integerBytes(0x80, 7, index));
  const kind = isSecret ? NEVER_KEPT : LITERAL;
  const nameIndex = NAME_INDEX.get(name);
  const begin =
    nameIndex === undefined
      ? [Buffer.from([kind]), textBytes(name, charset)]
      : [Buffer.from(integerBytes(kind, 4, nameIndex))];
  return Buffer.concat([...begin, textBytes(value, charset)]);
}

/** A change of the table's size, at the begin of a block: RFC 7541, 6.3. */
export function encodeResize(bytes: number): Buffer {
  return Buffer.from(integerBytes(0x20, 5, bytes));
}

/** Without Huffman codes: they would save a quarter of the bytes, and cost time for each request. */
function textBytes(text: string, charset: "utf8" | "latin1"): Buffer {
  const bytes = Buffer.from(text, charset);
  return Buffer.concat([Buffer.from(integerBytes(0x00, 7, bytes.length)), bytes]);
}

/** RFC 7541, 5.1. `begin`: the bits before the number. */
function integerBytes(begin: number, prefixBits: number, value: number): number[] {
  const mask = (1 << prefixBits) - 1;
  if (value < mask) return [begin | value];
  const bytes = [begin | mask];
  let rest = value - mask;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return bytes;
}
