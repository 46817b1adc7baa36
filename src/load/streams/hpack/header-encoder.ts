import { type CompiledPart, constantText, renderTemplate } from "../../mix/request-template.js";
import type { ValueScope } from "../../mix/values.js";
import { ENTRY_BYTES } from "./header-decoder.js";
import { STATIC_TABLE } from "./static-table.js";

/**
 * A block of headers as it is sent. No table is used beyond the static one: the same request has the same bytes on each
 * connection, and is encoded once.
 */
export interface Head {
  readonly bytes: Buffer;
  /** What the list counts against the peer's limit: RFC 9113, 6.5.2. */
  readonly listBytes: number;
}

/** Names in lower case. Pseudo-headers come first. */
export type HeadField = readonly [name: string, value: string];
/** The same with a value that may vary. */
export type HeadFieldTemplate = readonly [name: string, value: readonly CompiledPart[]];

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
  return { bytes: Buffer.concat(pieces), listBytes: sumOf(trimmed.map(listBytesOf)) };
}

/** @returns a head that is encoded already where nothing varies, else a function that fills the values in. */
export function compileHead(
  fields: readonly HeadFieldTemplate[],
): { readonly constant: Head } | { readonly constant: null; readonly render: (scope: ValueScope) => Head } {
  const compiled = fields.map(([name, parts]) => {
    const text = constantText(parts);
    return { name, parts, text: text === null ? null : withoutOuterSpace(text) };
  });
  const constant = compiled.flatMap(({ name, text }) => (text === null ? [] : [[name, text] as const]));
  if (constant.length === fields.length) return { constant: encodeHead(constant) };
  const constantBytes = sumOf(constant.map(listBytesOf));
  const pieces = compiled.map(({ name, parts, text }) =>
    text === null ? { name, parts } : encodeField(name, text),
  );
  const render = (scope: ValueScope): Head => {
    let listBytes = constantBytes;
    const encoded = pieces.map((piece) => {
      if (Buffer.isBuffer(piece)) return piece;
      const value = withoutOuterSpace(renderTemplate(piece.parts, scope));
      listBytes += listBytesOf([piece.name, value]);
      return encodeField(piece.name, value);
    });
    return { bytes: Buffer.concat(encoded), listBytes };
  };
  return { constant: null, render };
}

/** It is no part of a value, and HTTP/2 forbids it there: RFC 9113, 8.2.1. */
function withoutOuterSpace(value: string): string {
  return value.replace(/^[ \t]+|[ \t]+$/g, "");
}

function listBytesOf([name, value]: HeadField): number {
  return name.length + Buffer.byteLength(value) + ENTRY_BYTES;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function encodeField(name: string, value: string): Buffer {
  const index = FIELD_INDEX.get(`${name}\0${value}`);
  // An empty value stands in the table for "any".
  if (index !== undefined && value !== "") return Buffer.from(integerBytes(0x80, 7, index));
  const kind = SECRET.has(name) ? NEVER_KEPT : LITERAL;
  const nameIndex = NAME_INDEX.get(name);
  const begin =
    nameIndex === undefined
      ? [Buffer.from([kind]), textBytes(name)]
      : [Buffer.from(integerBytes(kind, 4, nameIndex))];
  return Buffer.concat([...begin, textBytes(value)]);
}

/** Without Huffman codes: they would save a quarter of the bytes, and cost time for each request. */
function textBytes(text: string): Buffer {
  const bytes = Buffer.from(text);
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
