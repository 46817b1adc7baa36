import type { HttpRoute } from "../../http-traffic.js";
import type { LoggedExchange } from "./logged-exchange.js";

/** Further ones are counted together. */
const MOST_ROUTES = 100;
const OTHERS = "other";

interface Counts {
  requests: number;
  actedOn: number;
  readonly statuses: Record<string, number>;
}

/** Requests by route and status. */
export class RouteCounts {
  readonly #places = new Map<string, number>();
  readonly #counts: Counts[] = [];
  /** Requests that are the same come one after another. */
  #last: { readonly key: object; readonly place: number } | null = null;

  /** @returns the place of its route in `list`. */
  add(exchange: LoggedExchange): number {
    const { routeKey: key, outcome } = exchange;
    const place = this.#last?.key === key ? this.#last.place : this.#placeOf(exchange.route);
    this.#last = { key, place };
    const counts = this.#counts[place]!;
    counts.requests++;
    if (exchange.isActedOn) counts.actedOn++;
    counts.statuses[outcome] = (counts.statuses[outcome] ?? 0) + 1;
    return place;
  }

  get list(): HttpRoute[] {
    return [...this.#places].map(([route, place]) => ({ route, ...this.#counts[place]! }));
  }

  #placeOf(route: string): number {
    const known = this.#places.get(route);
    if (known !== undefined) return known;
    if (this.#places.size >= MOST_ROUTES && route !== OTHERS) return this.#placeOf(OTHERS);
    this.#places.set(route, this.#counts.length);
    return this.#counts.push({ requests: 0, actedOn: 0, statuses: {} }) - 1;
  }
}
