import { msSinceBoot } from "./boot-clock.js";

/** How often a run gives its watchdog a sign of life. */
export const BEAT_MS = 1_000;

/** After this standstill the watchdog takes the faults out. docs/safety.md promises it. */
export const LEASE_MS = 10_000;

/** The same for a run that uses CPU time and gives no sign: it is caught in something, or gets hardly any time. */
export const BUSY_LEASE_MS = 30_000;

/** A run that used this share of the time was not stopped, whatever it used just before and after. */
const RUNNING_SHARE = 0.05;

export interface LeaseOptions {
  /** Gives the sign. */
  readonly beat: () => void;
  /** This process has stood still for longer than the lease: stopped, frozen, or asleep with the machine. */
  readonly onStandstill: (ms: number) => void;
  /** For tests. CPU time of all of this process's threads, in ms. */
  readonly cpuMs?: () => number;
  readonly nowMs?: () => number;
}

/** The run's side of the lease: gives signs of life, and checks that they came in time. */
export class Lease {
  readonly #options: LeaseOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #now: () => number;
  readonly #cpu: () => number;
  #lastMs: number;
  #lastCpuMs: number;
  /** CPU time that it used between the last two signs. */
  #usualCpuMs = 0;

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#now = options.nowMs ?? msSinceBoot;
    this.#cpu = options.cpuMs ?? ownCpuMs;
    this.#lastMs = this.#now();
    this.#lastCpuMs = this.#cpu();
    options.beat();
    this.#timer = setInterval(() => this.check(), BEAT_MS);
    // The timer must not keep the process alive.
    this.#timer.unref();
  }

  /** Gives a sign, and reports a standstill that has just ended. */
  check(): void {
    const [now, cpuMs] = [this.#now(), this.#cpu()];
    const [silentMs, usedMs] = [now - this.#lastMs, cpuMs - this.#lastCpuMs];
    // Up to a beat of it may be from before the standstill.
    const wasRunning = usedMs - this.#usualCpuMs > RUNNING_SHARE * silentMs;
    this.#lastMs = now;
    this.#lastCpuMs = cpuMs;
    this.#usualCpuMs = usedMs;
    if (silentMs > (wasRunning ? BUSY_LEASE_MS : LEASE_MS)) this.#options.onStandstill(silentMs);
    this.#options.beat();
  }

  end(): void {
    clearInterval(this.#timer);
  }
}

function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** What the watchdog knows of the run at one look. */
export interface Look {
  /** On the clock of `msSinceBoot`. */
  readonly atMs: number;
  /** CPU time of the run's process, in any unit. null: the system does not tell. */
  readonly cpu: number | null;
}

/** The watchdog's side: how long the run has been silent, and whether it stood still all that time. */
export class Silence {
  #heardAtMs: number | null = null;
  #last: Look | null = null;
  #stoodMs = 0;

  /** A sign of life came. */
  heard(atMs: number): void {
    this.#heardAtMs = atMs;
    this.#last = null;
    this.#stoodMs = 0;
  }

  /** Expects nothing until the next sign. */
  forget(): void {
    this.#heardAtMs = null;
  }

  get heardAtMs(): number | null {
    return this.#heardAtMs;
  }

  /** Whether the lease has run out. Call it about every BEAT_MS, after all signs that have come were read. */
  isOver(look: Look): boolean {
    if (this.#heardAtMs === null) return false;
    const before = this.#last;
    const ran = before !== null && look.cpu !== null && before.cpu !== null && look.cpu > before.cpu;
    if (!ran) this.#stoodMs += look.atMs - (before?.atMs ?? this.#heardAtMs);
    this.#last = look;
    return this.#stoodMs > LEASE_MS || look.atMs - this.#heardAtMs > BUSY_LEASE_MS;
  }
}
