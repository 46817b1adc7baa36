import type { HttpTraffic } from "../../http-traffic.js";
import { ExchangeLog } from "./exchange-log.js";
import type { LoggedExchange } from "./logged-exchange.js";
import { RouteCounts } from "./route-counts.js";

/** What crossed, told with the clock of `monotonicMs`. */
export interface TakenTraffic extends Omit<HttpTraffic, "proxy" | "startS"> {
  readonly startMs: number;
}

/** What crosses a gateway, from one taking to the next. */
export class TrafficLog {
  readonly #startMs: number;
  readonly #requests: number[] = [];
  readonly #opened: number[] = [];
  readonly #open: number[] = [];
  readonly #givenUp: number[] = [];
  readonly #routes = new RouteCounts();
  readonly #exchanges: ExchangeLog;
  #openNow: number;
  unreadable = 0;

  constructor(startMs: number, openNow: number) {
    this.#startMs = startMs;
    this.#openNow = openNow;
    this.#exchanges = new ExchangeLog(startMs);
  }

  opened(atMs: number): void {
    const second = this.#reach(atMs);
    this.#openNow++;
    this.#opened[second]! += 1;
    this.#open[second] = Math.max(this.#open[second]!, this.#openNow);
  }

  closed(atMs: number): void {
    this.#reach(atMs);
    this.#openNow--;
  }

  began(atMs: number): void {
    this.#requests[this.#reach(atMs)]! += 1;
  }

  ended(exchange: LoggedExchange): void {
    this.#exchanges.add(exchange, this.#routes.add(exchange));
    if (exchange.end === "given_up") this.#givenUp[this.#reach(exchange.endMs)]! += 1;
  }

  /** The log that follows this one. */
  next(nowMs: number): TrafficLog {
    return new TrafficLog(nowMs, this.#openNow);
  }

  taken(nowMs: number): TakenTraffic {
    this.#reach(nowMs);
    return {
      startMs: this.#startMs,
      seconds: {
        requests: this.#requests,
        opened: this.#opened,
        open: this.#open,
        givenUp: this.#givenUp,
      },
      routes: this.#routes.list,
      unreadable: this.unreadable,
      exchanges: this.#exchanges.columns,
    };
  }

  /** Makes room up to the second of an instant. @returns that second. */
  #reach(atMs: number): number {
    const second = Math.max(0, Math.floor((atMs - this.#startMs) / 1000));
    while (this.#requests.length <= second) {
      this.#requests.push(0);
      this.#opened.push(0);
      this.#open.push(this.#openNow);
      this.#givenUp.push(0);
    }
    return second;
  }
}
