import { Worker } from "node:worker_threads";
import { nowUs } from "../thread-clock.js";

/** The memory shared with the pacer thread begins with two counts: of publications, and of sleeps begun. */
export const PUBLISHED_WORD = 0;
export const SLEEPS_WORD = 1;
/** Then three times follow: the next wake-up, the one after it, and until when the pacer thread sleeps. */
export const TIMES_BYTES = 8;
const SHARED_BYTES = 32;

/** Wake-ups are at least this far apart. What is due in between leaves together. */
const TICK_US = 500;
/** Wake-ups are asked for this long before they are needed. It adapts within these bounds. */
const LEAD_US = { first: 100, most: 400 };
/** When it is woken too early by less than this, the loop does not wait for its sockets again. */
const SPIN_US = 100;
/** With these steps the lead settles where twice as many wake-ups come early as late. */
const LEAD_STEP_US = { early: 0.5, late: 1 };

/**
 * Wakes an event loop at a given time. A timer of Node's is late by half a millisecond on average because it counts
 * whole ones. Spinning is exact but takes a whole core from the system under test. Here a second thread sleeps and then
 * sends a message, which ends the load thread's wait for its sockets. The pacer learns how long that usually takes and
 * allows for it. Only the last microseconds are spun away.
 */
export class Pacer {
  readonly #thread: Worker;
  readonly #words: Int32Array;
  readonly #times: Float64Array;
  #leadUs = LEAD_US.first;
  /** The wake-up that was asked for and has not come. Infinite: none. */
  #nextUs = Number.POSITIVE_INFINITY;
  /** The time that it is for. */
  #wantedUs = 0;
  #askedUs = 0;
  #lastUs = 0;

  constructor(onWake: () => void) {
    const shared = new SharedArrayBuffer(SHARED_BYTES);
    this.#words = new Int32Array(shared);
    this.#times = new Float64Array(shared, TIMES_BYTES, 3);
    this.#times.fill(Number.POSITIVE_INFINITY);
    this.#thread = new Worker(new URL("./pacer-thread.js", import.meta.url), { workerData: shared });
    this.#thread.on("message", (wakeUpUs: number) => {
      this.#woke(wakeUpUs);
      if (this.#wantedUs - nowUs() < SPIN_US) while (nowUs() < this.#wantedUs);
      onWake();
    });
    // Without its pacer a load thread cannot keep its schedule. It is better that it dies visibly.
    this.#thread.on("error", (error) => {
      throw error;
    });
  }

  /**
   * Asks to be woken for `timeUs`, and then for `followingUs` unless asked anew until then. An earlier time that was
   * asked for before stays. The thread knows both times and sleeps from one to the other: nobody has to wake it to tell
   * it.
   */
  wakeAt(timeUs: number, followingUs: number): void {
    const nextUs = Math.max(timeUs - this.#leadUs, this.#lastUs + TICK_US);
    if (nextUs >= this.#nextUs || nextUs === Number.POSITIVE_INFINITY) return;
    this.#nextUs = nextUs;
    this.#wantedUs = timeUs;
    this.#askedUs = nowUs();
    this.#times[0] = nextUs;
    this.#times[1] = Math.max(followingUs - this.#leadUs, nextUs + TICK_US);
    Atomics.add(this.#words, PUBLISHED_WORD, 1);
    // The count orders the two threads' reading and writing. Its value says nothing.
    Atomics.load(this.#words, SLEEPS_WORD);
    if (nextUs < this.#times[2]!) Atomics.notify(this.#words, PUBLISHED_WORD);
  }

  /** Not needed when the load thread is terminated: the pacer's thread ends with it. */
  async stop(): Promise<void> {
    await this.#thread.terminate();
  }

  #woke(wakeUpUs: number): void {
    this.#lastUs = wakeUpUs;
    // Else it follows an earlier wake-up, from before the thread could see that another time was wanted.
    if (wakeUpUs !== this.#nextUs) return;
    this.#nextUs = Number.POSITIVE_INFINITY;
    const tookUs = nowUs() - Math.max(wakeUpUs, this.#askedUs);
    const leadUs = this.#leadUs + (tookUs > this.#leadUs ? LEAD_STEP_US.late : -LEAD_STEP_US.early);
    this.#leadUs = Math.min(LEAD_US.most, Math.max(0, leadUs));
  }
}
