import { BodyDigest, type LoggedExchange } from "../../between/traffic/logged-exchange.js";
import { EXCHANGE_FLAGS, type ExchangeEnd } from "../../http-traffic.js";
import type { RequestHead } from "./message/request-head.js";
import type { Deed } from "./rules/deed.js";
import { routeOf } from "./traffic/route.js";

/** A request and what became of it. */
export class Exchange implements LoggedExchange {
  readonly request: RequestHead;
  readonly connection: number;
  readonly startMs: number;
  /** null: it passes untouched. */
  readonly deed: Deed | null;
  /** What waits for its delay. */
  held: {
    readonly what: "request" | "answer";
    readonly sinceMs: number;
    readonly goOn: () => void;
    readonly timer: NodeJS.Timeout;
  } | null = null;
  /** The request has come to its end. */
  isWhole = false;
  /** Of the answer; null: there is none yet. */
  status: number | null = null;
  hasRetryAfter = false;
  end: ExchangeEnd | null = null;
  endMs = 0;
  readonly #body = new BodyDigest();

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
    this.#body.add(payload);
  }

  get routeKey(): object {
    return this.request;
  }

  get route(): string {
    return routeOf(this.request);
  }

  get outcome(): string {
    return this.status === null ? "none" : String(this.status);
  }

  get statusCode(): number {
    return this.status ?? 0;
  }

  get digest(): number {
    return this.#body.with(`${this.request.method} ${this.request.target}`);
  }

  get flags(): number {
    return (
      (this.request.hasIdempotencyKey ? EXCHANGE_FLAGS.idempotencyKey : 0) +
      (this.hasRetryAfter ? EXCHANGE_FLAGS.retryAfter : 0) +
      (this.isActedOn ? EXCHANGE_FLAGS.actedOn : 0)
    );
  }

  get isActedOn(): boolean {
    return this.deed?.hasActed === true;
  }
}
