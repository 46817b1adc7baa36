import type { HttpRoute } from "../../../http-traffic.js";
import type { Exchange } from "../exchange.js";
import type { RequestHead } from "../message/request-head.js";
import { routeOf } from "./route.js";

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
  #last: { readonly request: RequestHead; readonly place: number } | null = null;

  /** @returns the place of its route in `list`. */
  add({ request, status, deed }: Exchange): number {
    const place = this.#last?.request === request ? this.#last.place : this.#placeOf(routeOf(request));
    this.#last = { request, place };
    const counts = this.#counts[place]!;
    counts.requests++;
    if (deed?.hasActed) counts.actedOn++;
    const key = status === null ? "none" : String(status);
    counts.statuses[key] = (counts.statuses[key] ?? 0) + 1;
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
