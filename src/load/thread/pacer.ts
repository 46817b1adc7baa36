import { Worker } from "node:worker_threads";

/** Words of the memory shared with the pacer thread; the wake-up time is a double at WAKE_AT_BYTES. */
export const ARMED_WORD = 0;
export const WAKE_AT_BYTES = 8;
export const SHARED_BYTES = 16;

/**
 * Wakes an event loop at a given time, within about 0.1 ms. A timer of Node's is late by half a millisecond on
 * average because it counts whole ones; spinning is exact but takes a whole core from the system under test.
 * Here a second thread sleeps until the very microsecond and then sends a message, which ends the load thread's
 * wait for its sockets.
 */
export class Pacer {
  readonly #thread: Worker;
  readonly #armed: Int32Array;
  readonly #wakeAt: Float64Array;
  #nextUs = Number.POSITIVE_INFINITY;

  constructor(onWake: () => void) {
    const shared = new SharedArrayBuffer(SHARED_BYTES);
    this.#armed = new Int32Array(shared);
    this.#wakeAt = new Float64Array(shared, WAKE_AT_BYTES, 1);
    this.#thread = new Worker(new URL("./pacer-thread.js", import.meta.url), { workerData: shared });
    this.#thread.on("message", () => {
      this.#nextUs = Number.POSITIVE_INFINITY;
      onWake();
    });
    // Without its pacer a load thread cannot keep its schedule: better that it dies and is seen to.
    this.#thread.on("error", (error) => {
      throw error;
    });
  }

  /** Asks to be woken at `timeUs`; an earlier time that was asked for before stays. */
  wakeAt(timeUs: number): void {
    if (timeUs >= this.#nextUs || timeUs === Number.POSITIVE_INFINITY) return;
    this.#nextUs = timeUs;
    this.#wakeAt[0] = timeUs;
    Atomics.add(this.#armed, ARMED_WORD, 1);
    Atomics.notify(this.#armed, ARMED_WORD);
  }

  async stop(): Promise<void> {
    await this.#thread.terminate();
  }
}
