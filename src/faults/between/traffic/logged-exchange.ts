import type { ExchangeEnd } from "../../http-traffic.js";

/** A request and what became of it, as logs take it. */
export interface LoggedExchange {
  /** Requests with the same object have the same route. */
  readonly routeKey: object;
  /** "POST /charges/{id}". It is asked for once for each `routeKey`. */
  readonly route: string;
  /** The number of its connection, counted from 1 on each gateway. */
  readonly connection: number;
  /** When its head was whole. */
  readonly startMs: number;
  readonly end: ExchangeEnd | null;
  readonly endMs: number;
  /** What its answer is counted under: "503", "UNAVAILABLE"; "none". */
  readonly outcome: string;
  /** As columns hold it: 0 where there is none. */
  readonly statusCode: number;
  /** The same for requests that are the same. */
  readonly digest: number;
  /** EXCHANGE_FLAGS, added up. */
  readonly flags: number;
  /** A rule did something to it. */
  readonly isActedOn: boolean;
}

/** FNV-1a */
const HASH_START = 0x811c9dc5;
const HASH_PRIME = 0x01000193;
/** Requests that are the same up to here, and as long, are taken for the same. */
const HASHED_BYTES = 1024;

/** The begin of a body, and its length. */
export class BodyDigest {
  #bytes = 0;
  #hash = HASH_START;

  add(payload: Buffer): void {
    const hashed = Math.min(payload.length, HASHED_BYTES - this.#bytes);
    for (let i = 0; i < hashed; i++) this.#hash = Math.imul(this.#hash ^ payload[i]!, HASH_PRIME);
    this.#bytes += payload.length;
  }

  /** With the text that says what is asked. */
  with(text: string): number {
    let hash = this.#hash ^ this.#bytes;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), HASH_PRIME);
    return hash >>> 0;
  }
}
