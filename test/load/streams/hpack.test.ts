import { describe, expect, test } from "vitest";
import { HeaderBlockError, HeaderDecoder } from "../../../src/http2/hpack/header-decoder.js";
import { encodeHead } from "../../../src/http2/hpack/header-encoder.js";
import { decodeHuffman } from "../../../src/http2/hpack/huffman.js";
import { newScope } from "../../../src/load/mix/values.js";
import { compileHead } from "../../../src/load/streams/compiled-head.js";

const decode = (decoder: HeaderDecoder, hex: string) => {
  const bytes = Buffer.from(hex, "hex");
  return decoder.decode(bytes, 0, bytes.length);
};
const LIST_BYTES = 10_000;

describe("blocks of the standard's own examples", () => {
  test("requests, with Huffman codes and a table that grows", () => {
    const decoder = new HeaderDecoder(LIST_BYTES);
    const first = [":method", "GET", ":scheme", "http", ":path", "/", ":authority", "www.example.com"];
    expect(decode(decoder, "828684418cf1e3c2e5f23a6ba0ab90f4ff")).toEqual(first);
    expect(decode(decoder, "828684be5886a8eb10649cbf")).toEqual([...first, "cache-control", "no-cache"]);
    expect(decoder.version).toBe(2);
  });

  test("answers", () => {
    const decoder = new HeaderDecoder(LIST_BYTES);
    const rest = [
      "cache-control",
      "private",
      "date",
      "Mon, 21 Oct 2013 20:13:21 GMT",
      "location",
      "https://www.example.com",
    ];
    const first =
      "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3";
    expect(decode(decoder, first)).toEqual([":status", "302", ...rest]);
    expect(decode(decoder, "4883640effc1c0bf")).toEqual([":status", "307", ...rest]);
  });
});

/** Codes of the standard's table, the rare ones among them. */
const CODES: readonly (readonly [octet: number, code: number, bits: number])[] = [
  [0x00, 0x1ff8, 13],
  [0x01, 0x7fffd8, 23],
  [0x0a, 0x3ffffffc, 30],
  [0x16, 0x3ffffffe, 30],
  [0x5c, 0x7fff0, 19],
  [0x7f, 0xffffffc, 28],
  [0x80, 0xfffe6, 20],
  [0xf9, 0xffffffe, 28],
  [0xfe, 0x7fffff0, 27],
  [0xff, 0x3ffffee, 26],
];

test.each(CODES)("octet %i has its code", (octet, code, bits) => {
  const ones = (8 - (bits % 8)) % 8;
  const text = code.toString(2).padStart(bits, "0") + "1".repeat(ones);
  const bytes = Buffer.from((text.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  expect(decodeHuffman(bytes, 0, bytes.length)).toBe(String.fromCharCode(octet));
});

test.each([
  ["filled with zeros", "00"],
  ["filled with a whole octet of ones", "1fff"],
  ["the end of the text", "ffffffff"],
])("a Huffman text that is %s is none", (_, hex) => {
  const bytes = Buffer.from(hex, "hex");
  // "0" is 00000: three bits are left.
  expect(decodeHuffman(bytes, 0, bytes.length)).toBeNull();
});

test.each([
  ["an index of nothing", "80"],
  ["an index behind the table", "bf"],
  ["a name that is cut off", "4005686f"],
  ["a value that is missing", "0001780a"],
  ["a number without an end", "ffffffffffffffffff"],
  ["a table larger than was asked for", "3fe21f"],
  ["a change of the table within a block", "8220"],
])("%s is no block of headers", (_, hex) => {
  expect(() => decode(new HeaderDecoder(LIST_BYTES), hex)).toThrow(HeaderBlockError);
});

test("old entries leave the table when it is full, or made smaller", () => {
  const decoder = new HeaderDecoder(1_000_000);
  const entry = (name: string, length: number) => {
    const size = Buffer.from([0x7f, ...[((length - 127) % 128) | 0x80, Math.floor((length - 127) / 128)]]);
    return Buffer.concat([Buffer.from([0x40, 1]), Buffer.from(name), size, Buffer.alloc(length, "v")]);
  };
  for (const name of ["a", "b", "c"]) {
    const block = entry(name, 2000);
    decoder.decode(block, 0, block.length);
  }
  // 62 is the newest one. Only two have room.
  expect(decode(decoder, "be")?.[0]).toBe("c");
  expect(decode(decoder, "bf")?.[0]).toBe("b");
  expect(() => decode(decoder, "c0")).toThrow(HeaderBlockError);
  expect(decode(decoder, "20be".slice(0, 2))).toEqual([]);
  expect(() => decode(decoder, "be")).toThrow(HeaderBlockError);
});

test("more headers than are kept leave the decoder usable", () => {
  const decoder = new HeaderDecoder(100);
  const { bytes } = encodeHead([
    ["a", "x".repeat(200)],
    ["b", "y"],
  ]);
  expect(decoder.decode(bytes, 0, bytes.length)).toBeNull();
  expect(decode(decoder, "88")).toEqual([":status", "200"]);
});

test("what is encoded is decoded as it was, whatever its length", () => {
  const fields = [
    [":method", "GET"],
    [":path", `/${"p".repeat(300)}`],
    ["authorization", "Bearer x"],
    ["x-own", ""],
    ["accept", ""],
  ] as const;
  const { bytes, listBytes } = encodeHead(fields);
  expect(new HeaderDecoder(LIST_BYTES).decode(bytes, 0, bytes.length)).toEqual(fields.flat());
  expect(listBytes).toBe(fields.flat().join("").length + 5 * 32);
  // Proxies on the way must not keep it in a table.
  expect(encodeHead([["authorization", "x"]]).bytes[0]! & 0xf0).toBe(0x10);
});

test("a head whose values vary is the same as one that was encoded with them", () => {
  let n = 0;
  const head = compileHead([
    [":method", ["GET"]],
    ["x-number", ["no ", () => String(++n)]],
  ]);
  if (head.constant !== null) throw new Error("it varies");
  head.render(newScope());
  expect(head.render(newScope())).toEqual(
    encodeHead([
      [":method", "GET"],
      ["x-number", "no 2"],
    ]),
  );
});

test("white space around a value is not sent", () => {
  expect(encodeHead([["x-shop", " \tA 1 "]])).toEqual(encodeHead([["x-shop", "A 1"]]));
  const slow = compileHead([["x-shop", [() => " A 1\t"]]]);
  expect(slow.constant ?? slow.render(newScope())).toEqual(encodeHead([["x-shop", "A 1"]]));
});
