import { setTimeout as wait } from "node:timers/promises";
import { monotonicMs } from "../../../support/clock.js";
import { clientsNow } from "./local-connections.js";
import { socketBytes } from "./socket-bytes.js";

const LOOK_MS = 50;
/** Looking takes at most this share of the time. A machine with many connections is slow to list them. */
const BUSY_SHARE = 0.1;

/** What this machine has seen of a proxy's clients in some time. An open but silent connection shows nothing. */
export interface SeenUse {
  /** Connections open at once, as last seen. */
  readonly open: number;
  /** Connections made meanwhile: at least this many. */
  readonly made: number;
  /** Bytes on connections that are still open. null: not known, or not asked because connections were made. */
  readonly bytes: number | null;
}

/**
 * Checks whether anybody uses a proxy of a server that does not count. A client without a pool is connected only for
 * moments. A pool that stays open shows by its bytes, if `ss` is installed.
 */
export class ConnectionWatch {
  readonly #listen: string;
  readonly #ended = new AbortController();
  readonly #looking: Promise<void>;
  readonly #bytesBefore: ReadonlyMap<string, number> | null;
  readonly #before: ReadonlySet<string>;
  readonly #made = new Set<string>();
  /** null: this system does not say. */
  #open: number | null = null;

  /** Clients that are connected by now are no news. */
  static async begin(listen: string): Promise<ConnectionWatch> {
    const [bytes, clients] = await Promise.all([socketBytes(listen), clientsNow(listen)]);
    return new ConnectionWatch(listen, bytes, clients);
  }

  private constructor(
    listen: string,
    bytes: ReadonlyMap<string, number> | null,
    clients: ReadonlySet<string> | null,
  ) {
    this.#listen = listen;
    this.#bytesBefore = bytes;
    this.#before = new Set([...(bytes?.keys() ?? []), ...(clients ?? [])]);
    this.#open = clients?.size ?? null;
    this.#looking = this.#look();
  }

  /** Ends it. Resolves with null when this system does not say. */
  async end(): Promise<SeenUse | null> {
    this.stop();
    await this.#looking;
    if (this.#made.size === 0) this.#note(await clientsNow(this.#listen));
    if (this.#open === null) return null;
    const made = this.#made.size;
    return { open: this.#open, made, bytes: made > 0 ? null : await this.#newBytes() };
  }

  stop(): void {
    this.#ended.abort();
  }

  /** One look after another, because a busy machine may be slow to answer. One new connection is enough. */
  async #look(): Promise<void> {
    const { signal } = this.#ended;
    let tookMs = 0;
    while (this.#made.size === 0) {
      const pauseMs = Math.max(LOOK_MS, tookMs / BUSY_SHARE);
      await wait(pauseMs, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
      const startedMs = monotonicMs();
      this.#note(await clientsNow(this.#listen));
      tookMs = monotonicMs() - startedMs;
    }
  }

  #note(clients: ReadonlySet<string> | null): void {
    if (clients === null) return;
    this.#open = clients.size;
    for (const client of clients) if (!this.#before.has(client)) this.#made.add(client);
  }

  async #newBytes(): Promise<number | null> {
    const now = this.#bytesBefore && (await socketBytes(this.#listen));
    if (!now) return null;
    // A port that another connection has used anew has fewer bytes than before.
    const added = [...now].map(([client, bytes]) =>
      Math.max(0, bytes - (this.#bytesBefore?.get(client) ?? 0)),
    );
    return added.reduce((sum, each) => sum + each, 0);
  }
}
