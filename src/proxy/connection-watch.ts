import { setTimeout as wait } from "node:timers/promises";
import { connectionsNow, connectionsTo } from "./local-connections.js";

const LOOK_MS = 50;

/** Looks while a fault is on whether anybody connects to its proxy: a client that is reset is connected for moments. */
export class ConnectionWatch {
  readonly #listen: string;
  readonly #ended = new AbortController();
  readonly #looking: Promise<void>;
  #seen: number | null = null;

  constructor(listen: string) {
    this.#listen = listen;
    this.#looking = this.#look();
  }

  /** Ends it. Resolves with connections that were open at once, as first seen; null: this system does not say. */
  async end(): Promise<number | null> {
    this.stop();
    await this.#looking;
    return this.#seen || connectionsTo(this.#listen);
  }

  stop(): void {
    this.#ended.abort();
  }

  /** One look after another, as a busy machine may be slow to answer; one connection is all that is asked. */
  async #look(): Promise<void> {
    const { signal } = this.#ended;
    while (!this.#seen) {
      await wait(LOOK_MS, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
      this.#seen = await connectionsNow(this.#listen);
    }
  }
}
