import { FaultlineError, messageOf } from "../../../support/errors.js";
import { isGone, type ToxiproxyApi } from "./toxiproxy-api.js";

const BEAT_MS = 1_000;

/**
 * Asks a server for its version again and again. A server that dies or hangs in mid-run takes all connections with it,
 * which must not count as the system's own failure.
 */
export class Heartbeat {
  readonly #api: ToxiproxyApi;
  readonly #onLost: (reason: string) => void;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  /** `onLost` is called once: when nothing listens there any more, or when a call gets no answer. */
  constructor(api: ToxiproxyApi, onLost: (reason: string) => void) {
    this.#api = api;
    this.#onLost = onLost;
    this.#next();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  #next(): void {
    this.#timer = setTimeout(() => void this.#beat(), BEAT_MS).unref();
  }

  async #beat(): Promise<void> {
    try {
      await this.#api.version();
    } catch (error) {
      if (this.#stopped) return;
      if (isOwnLimit(error)) return this.#next();
      this.stop();
      const how = isGone(error) ? "is gone" : "does not answer any more";
      this.#onLost(`the Toxiproxy server ${how}: ${messageOf(error)}`);
    }
    if (!this.#stopped) this.#next();
  }
}

/** What this process has run out of says nothing of the server. */
function isOwnLimit(error: unknown): boolean {
  return error instanceof FaultlineError && error.code === "LIMIT_REACHED";
}
