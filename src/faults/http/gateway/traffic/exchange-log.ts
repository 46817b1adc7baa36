import { EXCHANGE_ENDS, EXCHANGE_FLAGS, type HttpTraffic } from "../../../http-traffic.js";
import type { Exchange } from "../exchange.js";

/** Of each gateway and each stretch of a run: some 150 kB of a record. */
const MOST_EXCHANGES = 5_000;

type Columns = HttpTraffic["exchanges"];

/** Single exchanges, as many as a record can hold. */
export class ExchangeLog {
  readonly #startMs: number;
  readonly #columns = {
    endTenthMs: [] as number[],
    tookTenthMs: [] as number[],
    connection: [] as number[],
    route: [] as number[],
    status: [] as number[],
    end: [] as number[],
    digest: [] as number[],
    flags: [] as number[],
  };
  #omitted = 0;

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  add(exchange: Exchange, route: number): void {
    const columns = this.#columns;
    if (columns.status.length >= MOST_EXCHANGES) {
      this.#omitted++;
      return;
    }
    const { startMs, endMs, connection, status, end } = exchange;
    columns.endTenthMs.push(Math.round((endMs - this.#startMs) * 10));
    columns.tookTenthMs.push(Math.max(0, Math.round((endMs - startMs) * 10)));
    columns.connection.push(connection);
    columns.route.push(route);
    columns.status.push(status ?? 0);
    columns.end.push(EXCHANGE_ENDS.indexOf(end ?? "unread"));
    columns.digest.push(digestOf(exchange));
    columns.flags.push(flagsOf(exchange));
  }

  get columns(): Columns {
    return { omitted: this.#omitted, ...this.#columns };
  }
}

function digestOf({ request, bodyHash, bodyBytes }: Exchange): number {
  let hash = bodyHash ^ bodyBytes;
  const text = `${request.method} ${request.target}`;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

function flagsOf({ request, hasRetryAfter, deed }: Exchange): number {
  return (
    (request.hasIdempotencyKey ? EXCHANGE_FLAGS.idempotencyKey : 0) +
    (hasRetryAfter ? EXCHANGE_FLAGS.retryAfter : 0) +
    (deed?.hasActed ? EXCHANGE_FLAGS.actedOn : 0)
  );
}
