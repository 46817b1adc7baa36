import type { FaultInjector } from "../../faults/fault-driver.js";
import { monotonicMs } from "../../support/clock.js";
import type { Recorder } from "./recorder.js";

const EVERY_MS = 1000;

interface Reading {
  readonly atMs: number;
  readonly total: number;
}

/** Reads how many connections the proxies have accepted: when a stretch of the run begins, then once a second. */
export class AcceptedConnections {
  readonly #faults: FaultInjector;
  readonly #recorder: Recorder;
  #phaseId: string | null = null;
  /** By proxy. */
  #last = new Map<string, Reading>();
  /** One reading after the other. */
  #reading: Promise<void> = Promise.resolve();
  #beganMs = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(faults: FaultInjector, recorder: Recorder) {
    this.#faults = faults;
    this.#recorder = recorder;
  }

  /** Connections that are accepted from now on belong to this phase. */
  async begin(phaseId: string): Promise<void> {
    await this.#read(phaseId);
    this.#beganMs = monotonicMs();
    // Without proxies, or where the server does not count, there is nothing to read again.
    if (this.#last.size > 0) this.#readLater();
  }

  /** Reads once more, and no more after that. */
  async end(): Promise<void> {
    this.#pause();
    if (this.#phaseId !== null) await this.#read(this.#phaseId);
    // A reading that was under way when the last one was asked for has set the timer again.
    this.#pause();
  }

  #pause(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #readLater(): void {
    this.#pause();
    const passedMs = monotonicMs() - this.#beganMs;
    const leftMs = EVERY_MS - (passedMs % EVERY_MS);
    this.#timer = setTimeout(() => this.#tick(), leftMs);
  }

  async #tick(): Promise<void> {
    const timer = this.#timer;
    if (this.#phaseId !== null) await this.#read(this.#phaseId);
    // Else another stretch has begun meanwhile, or it is over.
    if (this.#timer === timer) this.#readLater();
  }

  #read(nextPhaseId: string): Promise<void> {
    this.#reading = this.#reading.then(() => this.#readNow(nextPhaseId));
    return this.#reading;
  }

  async #readNow(nextPhaseId: string): Promise<void> {
    const phaseId = this.#phaseId;
    this.#phaseId = nextPhaseId;
    const askedMs = monotonicMs();
    const totals = await this.#faults.accepted?.().catch(() => null);
    if (!totals) {
      // Nobody knows then which connections came before this phase.
      if (phaseId !== nextPhaseId) this.#last.clear();
      return;
    }
    const atMs = (askedMs + monotonicMs()) / 2;
    for (const [proxy, total] of totals) {
      const before = this.#last.get(proxy);
      this.#last.set(proxy, { atMs, total });
      // A server that was started again counts from 0.
      if (phaseId === null || before === undefined || total < before.total) continue;
      const span = { fromMs: before.atMs, untilMs: atMs, connections: total - before.total };
      this.#recorder.accepted(phaseId, proxy, span);
    }
  }
}
