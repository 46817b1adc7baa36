/** Of one thread. */
const MOST_LINGERING = 256;

/**
 * Connections that are over for us, and wait for the end by their server. They take places of no exchange, so they are
 * bounded here: one too many ends the oldest at once.
 */
export class LingeringConnections {
  readonly #all = new Set<{ destroy(): void }>();

  add(connection: { destroy(): void }): void {
    this.#all.add(connection);
    const [oldest] = this.#all;
    if (this.#all.size <= MOST_LINGERING || oldest === undefined) return;
    this.#all.delete(oldest);
    oldest.destroy();
  }

  delete(connection: { destroy(): void }): void {
    this.#all.delete(connection);
  }
}
