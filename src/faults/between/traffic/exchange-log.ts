import { EXCHANGE_ENDS, type HttpTraffic } from "../../http-traffic.js";
import type { LoggedExchange } from "./logged-exchange.js";

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

  add(exchange: LoggedExchange, route: number): void {
    const columns = this.#columns;
    if (columns.status.length >= MOST_EXCHANGES) {
      this.#omitted++;
      return;
    }
    const { startMs, endMs, connection, end } = exchange;
    columns.endTenthMs.push(Math.round((endMs - this.#startMs) * 10));
    columns.tookTenthMs.push(Math.max(0, Math.round((endMs - startMs) * 10)));
    columns.connection.push(connection);
    columns.route.push(route);
    columns.status.push(exchange.statusCode);
    columns.end.push(EXCHANGE_ENDS.indexOf(end ?? "unread"));
    columns.digest.push(exchange.digest);
    columns.flags.push(exchange.flags);
  }

  get columns(): Columns {
    return { omitted: this.#omitted, ...this.#columns };
  }
}
