import { connectionsNow, connectionsTo } from "./local-connections.js";

const LOOK_MS = 50;

/** Looks while a fault is on whether anybody connects to its proxy: a client that is reset is connected for moments. */
export class ConnectionWatch {
  readonly #listen: string;
  readonly #timer: NodeJS.Timeout;
  #seen: number | null = null;

  constructor(listen: string) {
    this.#listen = listen;
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
    this.#timer.unref();
  }

  /** Ends it. Resolves with connections that were open at once, as first seen; null: this system does not say. */
  async end(): Promise<number | null> {
    this.stop();
    return this.#seen || connectionsTo(this.#listen);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    this.#seen ||= await connectionsNow(this.#listen);
    // One is all that is asked.
    if (this.#seen) this.stop();
  }
}
