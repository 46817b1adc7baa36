import type { NotedTrace } from "./noted-traces.js";
import type { TracedRequest } from "./traced-request.js";

/** Of a phase. */
const MOST_SLOW_KEPT = 5;
const MOST_FAILED_KEPT = 10;
const MOST_KEPT_OF_REASON = 3;

/** Joins what threads noted of one phase: the first failures of each reason, and the slowest of all. */
export class KeptTraces {
  #slow: readonly NotedTrace[] = [];
  readonly #failed: NotedTrace[] = [];

  add(noted: readonly NotedTrace[]): void {
    if (noted.length === 0) return;
    const slow = [...this.#slow, ...noted.filter(({ reason }) => reason === null)];
    this.#slow = slow.sort((a, b) => b.ms - a.ms).slice(0, MOST_SLOW_KEPT);
    for (const trace of noted) {
      if (trace.reason === null) continue;
      const alike = this.#failed.filter(({ reason }) => reason === trace.reason);
      if (alike.length < MOST_KEPT_OF_REASON && this.#failed.length < MOST_FAILED_KEPT)
        this.#failed.push(trace);
    }
  }

  /** Failures in the order in which they were due, then good answers, the slowest first. */
  all(requestNames: readonly string[]): readonly TracedRequest[] {
    const failed = this.#failed.toSorted((a, b) => a.dueS - b.dueS);
    return [...failed, ...this.#slow].map((trace) => namedTrace(trace, requestNames));
  }
}

export function namedTrace({ name, ...trace }: NotedTrace, requestNames: readonly string[]): TracedRequest {
  return { ...trace, request: requestNames[name]! };
}
