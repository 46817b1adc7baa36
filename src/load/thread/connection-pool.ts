import type { Connection } from "./connection.js";

/** Connections without a request. The one that was used last is used first, so that idle ones can stay closed. */
export class ConnectionPool {
  readonly #open: Connection[] = [];
  readonly #closed: Connection[] = [];

  get isEmpty(): boolean {
    return this.#open.length === 0 && this.#closed.length === 0;
  }

  /** null: none is open. */
  takeOpen(): Connection | null {
    return this.#open.pop() ?? null;
  }

  /** One that will be opened by its next request; null: all the others are open. */
  takeClosed(): Connection | null {
    return this.#closed.pop() ?? null;
  }

  giveBack(connection: Connection): void {
    (connection.isOpen ? this.#open : this.#closed).push(connection);
  }

  /** The other side closed it while it had no request. */
  moveToClosed(connection: Connection): void {
    const at = this.#open.indexOf(connection);
    if (at < 0) return;
    this.#open.splice(at, 1);
    this.#closed.push(connection);
  }
}
