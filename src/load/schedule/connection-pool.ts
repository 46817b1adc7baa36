import type { Connection } from "../http1/connection.js";

const AWAY = 0;
const OPEN = 1;
const CLOSED = 2;
const SHARED = 3;

/**
 * Connections that can take a request. The one that was used last is used first, so that idle ones can stay closed.
 * With pipelining also those that have requests already, and room for more.
 */
export class ConnectionPool {
  readonly #open: Connection[] = [];
  readonly #closed: Connection[] = [];
  readonly #shared = new Set<Connection>();
  /** By the connections' index. */
  readonly #places: Uint8Array;

  /** `size`: how many connections there are. */
  constructor(size: number) {
    this.#places = new Uint8Array(size);
  }

  get isEmpty(): boolean {
    return this.#open.length === 0 && this.#closed.length === 0 && this.#shared.size === 0;
  }

  /** One without a request; null: none is open. Those that have been idle for too long are closed on the way. */
  takeOpen(): Connection | null {
    let connection = this.#open.pop();
    for (; connection?.isStale; connection = this.#open.pop()) {
      connection.close();
      this.#places[connection.index] = CLOSED;
      this.#closed.push(connection);
    }
    return this.#take(connection);
  }

  /** One that will be opened by its next request; null: all the others are open. */
  takeClosed(): Connection | null {
    return this.#take(this.#closed.pop());
  }

  /** One that has requests, and room for another behind them; the one that has been there longest. */
  takeShared(): Connection | null {
    const [connection] = this.#shared;
    if (connection !== undefined) this.#shared.delete(connection);
    return this.#take(connection);
  }

  /** To be called when a connection may be able to take a request (again). */
  giveBack(connection: Connection): void {
    const before = this.#places[connection.index];
    const place = placeOf(connection);
    if (place === before) return;
    if (before === SHARED) this.#shared.delete(connection);
    this.#places[connection.index] = place;
    if (place === OPEN) this.#open.push(connection);
    else if (place === CLOSED) this.#closed.push(connection);
    else if (place === SHARED) this.#shared.add(connection);
  }

  /** The other side closed it while it had no request. */
  moveToClosed(connection: Connection): void {
    const at = this.#open.indexOf(connection);
    if (at < 0) return;
    this.#open.splice(at, 1);
    this.#places[connection.index] = CLOSED;
    this.#closed.push(connection);
  }

  #take(connection: Connection | undefined): Connection | null {
    if (connection === undefined) return null;
    this.#places[connection.index] = AWAY;
    return connection;
  }
}

function placeOf(connection: Connection): number {
  if (connection.isIdle) return connection.isOpen ? OPEN : CLOSED;
  return connection.hasRoom ? SHARED : AWAY;
}
