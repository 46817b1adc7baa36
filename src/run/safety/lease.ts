import { msSinceBoot } from "./boot-clock.js";

/** So often a run gives its watchdog a sign of life. */
export const BEAT_MS = 1_000;

/** When there has been none for so long, the watchdog takes the faults out. docs/safety.md promises it. */
export const LEASE_MS = 10_000;

export interface LeaseOptions {
  /** Gives the sign. */
  readonly beat: () => void;
  /** This process has stood still for longer than the lease: stopped, frozen, or asleep with the machine. */
  readonly onStandstill: (ms: number) => void;
}

/** The run's side of the lease: signs of life, and whether they came in time. */
export class Lease {
  readonly #options: LeaseOptions;
  readonly #timer: NodeJS.Timeout;
  #lastMs = msSinceBoot();

  constructor(options: LeaseOptions) {
    this.#options = options;
    options.beat();
    this.#timer = setInterval(() => this.check(), BEAT_MS);
    // It must not keep the process alive.
    this.#timer.unref();
  }

  /** Gives a sign, and tells of a standstill that has just ended. */
  check(): void {
    const now = msSinceBoot();
    const stoodMs = now - this.#lastMs;
    this.#lastMs = now;
    if (stoodMs > LEASE_MS) this.#options.onStandstill(stoodMs);
    this.#options.beat();
  }

  end(): void {
    clearInterval(this.#timer);
  }
}
