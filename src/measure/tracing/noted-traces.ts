import type { TracedRequest } from "./traced-request.js";

/** Of each report. A report comes four times a second, so a trace store gets some hundred spans a second at most. */
const MOST_SLOW = 5;
const MOST_FAILED = 20;
/** Failures of other reasons are to find room. */
const MOST_OF_REASON = 3;

/** A request of one name, as a load thread notes it. */
export interface NotedTrace extends Omit<TracedRequest, "request"> {
  /** The number of its name in the mix. */
  readonly name: number;
}

/** What one load thread notes of sampled requests between two reports: those that failed, and the slowest. */
export class NotedTraces {
  #slow: NotedTrace[] = [];
  #failed: NotedTrace[] = [];
  readonly #ofReason = new Map<string, number>();
  /** The shortest time in `#slow`, once that is full. */
  #leastMs = -1;

  /** Whether one that was ok is among the slowest so far. */
  lacksSlow(ms: number): boolean {
    return ms > this.#leastMs;
  }

  lacksFailed(reason: string): boolean {
    return this.#failed.length < MOST_FAILED && (this.#ofReason.get(reason) ?? 0) < MOST_OF_REASON;
  }

  /** `trace`: of a kind that is lacking. */
  add(trace: NotedTrace): void {
    if (trace.reason !== null) {
      this.#ofReason.set(trace.reason, (this.#ofReason.get(trace.reason) ?? 0) + 1);
      this.#failed.push(trace);
      return;
    }
    this.#slow.push(trace);
    this.#slow.sort((a, b) => b.ms - a.ms);
    this.#slow.length = Math.min(this.#slow.length, MOST_SLOW);
    if (this.#slow.length === MOST_SLOW) this.#leastMs = this.#slow[MOST_SLOW - 1]!.ms;
  }

  /** Those since the last call. */
  take(): readonly NotedTrace[] {
    const taken = [...this.#failed, ...this.#slow];
    this.#failed = [];
    this.#slow = [];
    this.#ofReason.clear();
    this.#leastMs = -1;
    return taken;
  }
}
