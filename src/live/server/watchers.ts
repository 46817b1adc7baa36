import type { ServerResponse } from "node:http";

/** Bytes that may wait for one watcher that does not read: about an hour of a run, or ten minutes of ticks. */
export const MOST_WAITING_BYTES = 1024 * 1024;

/** A page that has lost its connection comes back after this time. */
const RETRY = Buffer.from("retry: 1000\n\n");

/**
 * Everyone who watches, by server-sent events. All of them get the same bytes. A watcher that does not read them is
 * dropped.
 */
export class Watchers {
  readonly #open = new Set<ServerResponse>();
  #dropped = 0;

  get count(): number {
    return this.#open.size;
  }

  /** Watchers that were dropped since the beginning. */
  get dropped(): number {
    return this.#dropped;
  }

  /** `first`: what the watcher has missed. */
  add(response: ServerResponse, first: Buffer): void {
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      // Without it, proxies in between would hold back what comes each second.
      "x-accel-buffering": "no",
    });
    this.#open.add(response);
    response.once("close", () => this.#open.delete(response));
    response.on("error", () => {});
    response.write(Buffer.concat([RETRY, first]));
  }

  send(bytes: Buffer): void {
    for (const response of this.#open) {
      if (response.writableLength + bytes.length <= MOST_WAITING_BYTES) response.write(bytes);
      else this.#drop(response);
    }
  }

  /** The page comes back by itself, and gets what it has missed. */
  #drop(response: ServerResponse): void {
    this.#dropped += 1;
    this.#open.delete(response);
    response.destroy();
  }
}
