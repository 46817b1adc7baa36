import type { TracingPlan } from "../../plan/load-plan.js";

const TWO_TO_32 = 0x1_0000_0000;
/** 0123456789abcdef, as bytes of ASCII. */
const HEX = Buffer.from("0123456789abcdef", "latin1");
/** They make four round keys of two. */
const OTHER_ROUNDS = [0, 0, 0x9e3779b9, 0x7f4a7c15] as const;

/**
 * Ids of W3C Trace Context for requests, each from the request's number alone: nothing is drawn and nothing is kept. A
 * trace id is half the run's and half the request's. The request's own half is its span id, too. It spreads evenly, as
 * services may sample by it.
 */
export class TraceIds {
  /** The run's half. */
  readonly head: string;
  readonly #roundKeys: Int32Array;
  readonly #seed: number;
  /** Of numbers below 2^32, those below this one are sampled. */
  readonly #sampledBelow: number;
  /** The request's half, of the number that was asked for last. */
  #high = 0;
  #low = 0;

  constructor({ runKey, sampling }: TracingPlan, seed: number) {
    const key = Buffer.from(runKey, "hex");
    this.head = key.toString("hex", 0, 8);
    this.#roundKeys = Int32Array.from(OTHER_ROUNDS, (more, at) => key.readInt32BE(8 + 4 * (at % 2)) ^ more);
    this.#seed = seed | 0;
    this.#sampledBelow = sampling * TWO_TO_32;
  }

  /** The same numbers are sampled for the same seed. */
  isSampled(number: number): boolean {
    return scattered(number | 0, this.#seed) >>> 0 < this.#sampledBelow;
  }

  traceId(number: number): string {
    const ids = Buffer.alloc(16);
    this.writeSpanId(number, ids, 0);
    return this.head + ids.toString("latin1");
  }

  /** Writes its 16 hex digits. */
  writeSpanId(number: number, into: Buffer, at: number): void {
    this.#find(number);
    writeHex(this.#high, into, at);
    writeHex(this.#low, into, at + 8);
  }

  /** A Feistel network: other numbers have other ids. */
  #find(number: number): void {
    let high = Math.floor(number / TWO_TO_32) | 0;
    let low = number | 0;
    for (let round = 0; round < 4; round++) {
      const next = high ^ scattered(low, this.#roundKeys[round]!);
      high = low;
      low = next;
    }
    this.#high = high;
    // No id is all zeros.
    this.#low = high === 0 && low === 0 ? 1 : low;
  }
}

/** The finalizer of MurmurHash3 (Austin Appleby, public domain), with a key. */
function scattered(value: number, key: number): number {
  let mixed = value ^ key;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

function writeHex(word: number, into: Buffer, at: number): void {
  for (let digit = 0; digit < 8; digit++) into[at + digit] = HEX[(word >>> (28 - 4 * digit)) & 15]!;
}
