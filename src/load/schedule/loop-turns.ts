import { type EventLoopUtilization, performance } from "node:perf_hooks";
import { nowUs } from "../thread-clock.js";
import { Pacer } from "./pacer.js";

/** A timer that is later than this did not just wait for its turn: the process had no CPU. */
const LATE_TIMER_US = 3_000;
/** An event loop that is busy for more than this share of its time cannot keep up. */
const SATURATED_AT = 0.95;
const SATURATION_EVERY_MS = 250;

/**
 * Gives the load its turns of the event loop: when a request is due, after the sockets brought something, and every few
 * milliseconds in any case. Times in µs on the threads' common clock.
 */
export class LoopTurns {
  readonly #run: (nowUs: number, hasRead: boolean) => void;
  readonly #onStandstill: (us: number) => void;
  readonly #everyUs: number;
  readonly #pacer: Pacer;
  /** A turn follows in this round of the loop. */
  #isPlanned = false;
  #startUs = 0;
  #utilization: EventLoopUtilization = performance.eventLoopUtilization();
  #areSaturated = false;

  /**
   * `onStandstill` gets the time for which the loop had no turn although one was due. It is called before anything that
   * lay unread is handled.
   */
  constructor(
    everyMs: number,
    run: (nowUs: number, hasRead: boolean) => void,
    onStandstill: (us: number) => void,
  ) {
    this.#run = run;
    this.#onStandstill = onStandstill;
    this.#everyUs = everyMs * 1000;
    this.#pacer = new Pacer(() => this.#turn(false));
    setInterval(() => this.#turn(false), everyMs);
    setInterval(() => this.#measureSaturation(), SATURATION_EVERY_MS);
  }

  /** When the loop last began to handle what had come in. */
  get startUs(): number {
    return this.#startUs;
  }

  /** The loop has hardly had a pause recently. */
  get areSaturated(): boolean {
    return this.#areSaturated;
  }

  /** Call it for whatever the sockets bring. A turn follows when all that they hold is handled. @returns the time. */
  enter(): number {
    const now = nowUs();
    if (!this.#isPlanned) {
      this.#begin(now);
      this.#plan();
    }
    return now;
  }

  /** As `enter`, for callers that need no time. What is handled in the same turn costs nothing. */
  noteArrival(): void {
    if (!this.#isPlanned) this.enter();
  }

  /**
   * Asks for a turn at `dueUs`, and then at `followingUs`. What is due already waits until the sockets were looked at.
   */
  wakeAt(dueUs: number, followingUs: number): void {
    if (dueUs > this.#startUs) this.#pacer.wakeAt(dueUs, followingUs);
    else if (!this.#isPlanned) this.#plan();
  }

  #plan(): void {
    this.#isPlanned = true;
    setImmediate(() => {
      this.#isPlanned = false;
      this.#turn(true);
    });
  }

  #turn(hasRead: boolean): void {
    this.#begin(nowUs());
    this.#run(this.#startUs, hasRead);
  }

  #measureSaturation(): void {
    const utilization = performance.eventLoopUtilization();
    const since = performance.eventLoopUtilization(utilization, this.#utilization);
    this.#areSaturated = since.utilization > SATURATED_AT;
    this.#utilization = utilization;
  }

  #begin(now: number): void {
    const overdueUs = this.#startUs === 0 ? 0 : now - this.#startUs - this.#everyUs;
    this.#startUs = now;
    if (overdueUs > LATE_TIMER_US) this.#onStandstill(overdueUs);
  }
}
