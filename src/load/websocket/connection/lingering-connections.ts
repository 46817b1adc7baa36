import { sleep } from "../../../support/clock.js";

/** Of one thread. */
const MOST_LINGERING = 256;

/**
 * Connections that are over for us, and wait for the end by their server. They take places of no exchange, so they are
 * bounded here: one too many ends the oldest at once.
 */
export class LingeringConnections {
  readonly #all = new Set<{ destroy(): void }>();
  #most = MOST_LINGERING;
  #onNone: (() => void) | null = null;

  add(connection: { destroy(): void }): void {
    this.#all.add(connection);
    const [oldest] = this.#all;
    if (this.#all.size <= this.#most || oldest === undefined) return;
    this.#all.delete(oldest);
    oldest.destroy();
  }

  delete(connection: { destroy(): void }): void {
    this.#all.delete(connection);
    if (this.#all.size === 0) this.#onNone?.();
  }

  /** No other connections are opened, so those that are closed from now on are not bounded. */
  unbound(): void {
    this.#most = Number.POSITIVE_INFINITY;
  }

  /** Resolves when none is left, or after so long. */
  async gone(mostMs: number): Promise<void> {
    if (this.#all.size === 0) return;
    const none = new Promise<void>((resolve) => {
      this.#onNone = resolve;
    });
    await Promise.race([none, sleep(mostMs)]);
  }
}
