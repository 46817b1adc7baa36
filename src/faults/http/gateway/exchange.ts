import type { ExchangeEnd } from "../../http-traffic.js";
import type { RequestHead } from "./message/request-head.js";
import type { Deed } from "./rules/deed.js";

/** A request and what became of it. */
export class Exchange {
  readonly request: RequestHead;
  /** The number of its connection, counted from 1 on each gateway. */
  readonly connection: number;
  /** When its head was whole. */
  readonly startMs: number;
  /** null: it passes untouched. */
  readonly deed: Deed | null;
  /** The request has come to its end. */
  isWhole = false;
  /** Of the answer; null: there is none yet. */
  status: number | null = null;
  hasRetryAfter = false;
  end: ExchangeEnd | null = null;
  endMs = 0;
  bodyBytes = 0;
  /** FNV-1a of the begin of its body. */
  bodyHash = 0x811c9dc5;

  constructor(request: RequestHead, connection: number, startMs: number, deed: Deed | null) {
    this.request = request;
    this.connection = connection;
    this.startMs = startMs;
    this.deed = deed;
  }

  /** The answer is one of ours. */
  get isOurs(): boolean {
    return this.deed?.own != null;
  }

  /** What comes first is what counts. */
  ends(end: ExchangeEnd, atMs: number): void {
    if (this.end !== null) return;
    this.end = end;
    this.endMs = atMs;
  }

  addBody(payload: Buffer): void {
    const hashed = Math.min(payload.length, HASHED_BYTES - this.bodyBytes);
    for (let i = 0; i < hashed; i++) this.bodyHash = Math.imul(this.bodyHash ^ payload[i]!, 0x01000193);
    this.bodyBytes += payload.length;
  }
}

/** Requests that are the same up to here, and as long, are taken for the same. */
const HASHED_BYTES = 1024;
