import type { FaultInjector } from "../../faults/fault-driver.js";
import { AcceptedConnections } from "./accepted-connections.js";
import type { Recorder } from "./recorder.js";

/**
 * Notes for each phase what the proxies have seen of it: connections to upstreams, what crossed, and what was accepted. A
 * server that is gone tells nothing.
 */
export class PhaseTraffic {
  readonly #faults: FaultInjector;
  readonly #recorder: Recorder;
  readonly #accepted: AcceptedConnections;
  /** The phase that began last. */
  #phaseId: string | null = null;
  /** The phase that what crosses now belongs to. */
  #crossingId: string | null = null;

  constructor(faults: FaultInjector, recorder: Recorder) {
    this.#faults = faults;
    this.#recorder = recorder;
    this.#accepted = new AcceptedConnections(faults, recorder);
  }

  /** A phase is about to begin. */
  async begins(phaseId: string): Promise<void> {
    await this.#noteUpstreams();
    this.#phaseId = phaseId;
    if (this.#crossingId !== phaseId) await this.crossesFor(phaseId);
  }

  /**
   * What crosses the proxies from now on belongs to this phase. A recovery gets it from when its fault is taken out, as
   * all that waited may come at once: its load begins a little later.
   */
  async crossesFor(phaseId: string): Promise<void> {
    const until = this.#crossingId;
    this.#crossingId = phaseId;
    await Promise.all([this.#noteCrossed(until), this.#accepted.begin(phaseId)]);
  }

  /** Notes what has come since the last note. */
  async note(): Promise<void> {
    await Promise.all([this.#noteUpstreams(), this.#noteCrossed(this.#crossingId)]);
  }

  /** Notes what is not noted yet. No phase follows. */
  async finish(): Promise<void> {
    await Promise.all([this.note(), this.#accepted.end()]);
  }

  async #noteUpstreams(): Promise<void> {
    const dials = (await this.#faults.upstreamDials?.().catch(() => [])) ?? [];
    if (this.#phaseId !== null) this.#recorder.upstreams(this.#phaseId, dials);
  }

  async #noteCrossed(phaseId: string | null): Promise<void> {
    const crossed = (await this.#faults.crossed?.().catch(() => [])) ?? [];
    if (phaseId !== null) this.#recorder.crossed(phaseId, crossed);
  }
}
