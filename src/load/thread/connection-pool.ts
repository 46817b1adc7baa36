import type { Connection } from "./connection.js";

/** Connections without a request. The one that was used last is used first, so that idle ones can stay closed. */
export class ConnectionPool {
  readonly #open: Connection[] = [];
  readonly #closed: Connection[] = [];

  /** An open connection, else one that will be opened; null when all have a request. */
  take(): Connection | null {
    return this.#open.pop() ?? this.#closed.pop() ?? null;
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
