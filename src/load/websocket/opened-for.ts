import type { ValueScope } from "../mix/values.js";
import type { WebSocketEndpoint } from "./connection/handshake.js";

/** What a connection was opened with, and by whom. */
export class OpenedFor {
  /** Another user may go on with a connection of the same key. */
  readonly key: string;
  readonly #place: string;
  readonly #opener: ValueScope;
  readonly #keepsCookies: boolean;
  #bringsCookies = false;

  constructor(endpoint: WebSocketEndpoint, opener: ValueScope) {
    this.key = handshakeKey(endpoint);
    this.#place = handshakePlace(endpoint);
    this.#opener = opener;
    this.#keepsCookies = endpoint.keepsCookies;
  }

  /** `headers`: of the answer to the handshake. [] when it goes over a connection that was there. */
  answered(headers: readonly string[]): void {
    if (!this.#keepsCookies) return;
    if (headers.some((name, at) => at % 2 === 0 && name.toLowerCase() === "set-cookie")) {
      this.#bringsCookies = true;
    }
  }

  /** Its handshake has brought cookies, which are in the jar of one user. */
  get isPersonal(): boolean {
    return this.#bringsCookies;
  }

  /** What else its own user has in its jar by now does not matter. */
  isOf(scope: ValueScope, place: string): boolean {
    return this.#opener === scope && this.#place === place;
  }
}

/** What a handshake asks for, without the jar of its user. */
export function handshakePlace({ path, headers, ownCookie, subprotocols, login }: WebSocketEndpoint): string {
  return JSON.stringify([path, headers, ownCookie, subprotocols, login]);
}

/** The same with that jar. */
export function handshakeKey(endpoint: WebSocketEndpoint): string {
  return `${endpoint.cookie}\n${handshakePlace(endpoint)}`;
}
