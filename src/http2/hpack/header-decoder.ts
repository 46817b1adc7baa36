import { decodeHuffman } from "./huffman.js";
import { STATIC_TABLE } from "./static-table.js";

/** As long as we ask for nothing else: RFC 9113, 6.5.2. */
const TABLE_BYTES = 4096;
/** What an entry counts beside its texts: RFC 7541, 4.1. */
export const ENTRY_BYTES = 32;
/** The largest number that is taken. Lengths and indexes are far below it. */
const LARGEST = 2 ** 28;

const NONE: readonly number[] = [];

const STATIC_NAMES = STATIC_TABLE.map(([name]) => name);
const STATIC_VALUES = STATIC_TABLE.map(([, value]) => value);

/** The bytes are no block of headers. The connection cannot go on: what follows depends on them. */
export class HeaderBlockError extends Error {}

/** Reads blocks of headers (HPACK, RFC 7541), in the order in which they come on a connection. */
export class HeaderDecoder {
  readonly #mostBytes: number;
  readonly #mostTableBytes: number;
  /** The dynamic table, the oldest entry first. */
  readonly #names: string[] = [];
  readonly #values: string[] = [];
  #tableBytes = 0;
  #tableLimit = TABLE_BYTES;
  #version = 0;
  #resizes: readonly number[] = NONE;
  #secrets: readonly number[] = NONE;
  // The block that is being read.
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #to = 0;

  /**
   * @param mostBytes the largest list of headers that is kept.
   * @param mostTableBytes the largest table that the sender was allowed.
   */
  constructor(mostBytes: number, mostTableBytes = TABLE_BYTES) {
    this.#mostBytes = mostBytes;
    this.#mostTableBytes = mostTableBytes;
  }

  /** Changes with the table. As long as it stays, the same bytes are the same headers. */
  get version(): number {
    return this.#version;
  }

  /** The size that the sender has given the table. */
  get tableLimit(): number {
    return this.#tableLimit;
  }

  /** The changes of the table's size that the last block began with. */
  get resizes(): readonly number[] {
    return this.#resizes;
  }

  /** Places in the last list of names that no table may keep. */
  get secrets(): readonly number[] {
    return this.#secrets;
  }

  /**
   * @returns names and values in turn; null when they are more than is kept. The connection can go on in both cases.
   * @throws HeaderBlockError
   */
  decode(bytes: Buffer, from: number, to: number): string[] | null {
    this.#bytes = bytes;
    this.#at = from;
    this.#to = to;
    const fields: string[] = [];
    let listBytes = 0;
    let mayResize = true;
    this.#resizes = NONE;
    this.#secrets = NONE;
    while (this.#at < this.#to) {
      const first = bytes[this.#at]!;
      if ((first & 0xe0) === 0x20) {
        if (!mayResize) throw new HeaderBlockError("a change of the table within a block");
        this.#resize(this.#integer(5));
        continue;
      }
      mayResize = false;
      let name: string;
      let value: string;
      if ((first & 0x80) !== 0) {
        const index = this.#integer(7);
        name = this.#nameAt(index);
        value = this.#valueAt(index);
      } else {
        const isKept = (first & 0x40) !== 0;
        const index = this.#integer(isKept ? 6 : 4);
        name = index === 0 ? this.#text() : this.#nameAt(index);
        value = this.#text();
        if (isKept) this.#add(name, value);
        else if ((first & 0x10) !== 0) this.#secrets = [...this.#secrets, fields.length];
      }
      listBytes += name.length + value.length + ENTRY_BYTES;
      if (listBytes <= this.#mostBytes) fields.push(name, value);
    }
    return listBytes <= this.#mostBytes ? fields : null;
  }

  #nameAt(index: number): string {
    const name = index <= STATIC_NAMES.length ? STATIC_NAMES[index - 1] : this.#names[this.#place(index)];
    if (name === undefined) throw new HeaderBlockError(`index ${index} is not in the table`);
    return name;
  }

  #valueAt(index: number): string {
    // `#nameAt` has found the entry.
    return (index <= STATIC_VALUES.length ? STATIC_VALUES[index - 1] : this.#values[this.#place(index)])!;
  }

  /** The newest entry has the first index behind the static table. */
  #place(index: number): number {
    return this.#names.length - (index - STATIC_NAMES.length);
  }

  #add(name: string, value: string): void {
    this.#version++;
    const entryBytes = name.length + value.length + ENTRY_BYTES;
    this.#evict(this.#tableLimit - entryBytes);
    // One that is larger than the table only empties it.
    if (entryBytes > this.#tableLimit) return;
    this.#names.push(name);
    this.#values.push(value);
    this.#tableBytes += entryBytes;
  }

  #resize(limit: number): void {
    if (limit > this.#mostTableBytes) throw new HeaderBlockError("a table larger than was asked for");
    this.#version++;
    this.#resizes = [...this.#resizes, limit];
    this.#tableLimit = limit;
    this.#evict(limit);
  }

  /** Takes out the oldest entries until no more than that is left. */
  #evict(bytes: number): void {
    while (this.#tableBytes > bytes && this.#names.length > 0) {
      this.#tableBytes -= this.#names.shift()!.length + this.#values.shift()!.length + ENTRY_BYTES;
    }
  }

  /** RFC 7541, 5.1. */
  #integer(prefixBits: number): number {
    const mask = (1 << prefixBits) - 1;
    let value = this.#byte() & mask;
    if (value < mask) return value;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (value > LARGEST || factor > LARGEST) throw new HeaderBlockError("a number that is too large");
      if ((byte & 0x80) === 0) return value;
    }
  }

  #text(): string {
    if (this.#at >= this.#to) throw new HeaderBlockError("a block that ends within a header");
    const isHuffman = (this.#bytes[this.#at]! & 0x80) !== 0;
    const length = this.#integer(7);
    const from = this.#at;
    if (from + length > this.#to) throw new HeaderBlockError("a block that ends within a header");
    this.#at = from + length;
    if (!isHuffman) return this.#bytes.toString("latin1", from, this.#at);
    const text = decodeHuffman(this.#bytes, from, this.#at);
    if (text === null) throw new HeaderBlockError("a text that is no Huffman code");
    return text;
  }

  #byte(): number {
    if (this.#at >= this.#to) throw new HeaderBlockError("a block that ends within a header");
    return this.#bytes[this.#at++]!;
  }
}
