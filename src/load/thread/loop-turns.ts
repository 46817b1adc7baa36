import { Pacer } from "./pacer.js";
import { nowUs } from "./thread-clock.js";

/**
 * Gives the load its turns of the event loop: when a request is due, after the sockets brought something, and every
 * few milliseconds in any case. Times in µs on the threads' common clock.
 */
export class LoopTurns {
  readonly #run: (nowUs: number) => void;
  readonly #pacer: Pacer;
  /** A turn follows in this round of the loop. */
  #isPlanned = false;
  #startUs = 0;

  constructor(everyMs: number, run: (nowUs: number) => void) {
    this.#run = run;
    this.#pacer = new Pacer(() => this.#turn());
    setInterval(() => this.#turn(), everyMs);
  }

  /** When the loop last began to handle what had come in. */
  get startUs(): number {
    return this.#startUs;
  }

  /** To be called for whatever the sockets bring; a turn follows when all that they hold is handled. Returns the time. */
  enter(): number {
    const now = nowUs();
    if (!this.#isPlanned) {
      this.#startUs = now;
      this.#plan();
    }
    return now;
  }

  /** Asks for a turn at `dueUs`, and then at `followingUs`; what is due already waits for a look at the sockets. */
  wakeAt(dueUs: number, followingUs: number): void {
    if (dueUs > this.#startUs) this.#pacer.wakeAt(dueUs, followingUs);
    else if (!this.#isPlanned) this.#plan();
  }

  #plan(): void {
    this.#isPlanned = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#isPlanned = false;
    this.#startUs = nowUs();
    this.#run(this.#startUs);
  }
}
