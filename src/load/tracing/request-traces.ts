import { OUTCOMES, type Outcome } from "../../measure/outcome.js";
import type { Ticket } from "../mix/ticket.js";
import type { Share } from "../share.js";
import type { TraceIds } from "./trace-ids.js";

/** Gives one load thread's requests their numbers, and notes of those that are sampled how they ended. */
export class RequestTraces {
  readonly #ids: TraceIds;
  readonly #threads: number;
  #next: number;

  constructor(ids: TraceIds, { thread, threads }: Share) {
    this.#ids = ids;
    this.#threads = threads;
    this.#next = thread;
  }

  /** No number comes twice over all threads. */
  number(): number {
    const number = this.#next;
    this.#next += this.#threads;
    return number;
  }

  ok(ticket: Ticket, status: number, endedUs: number): void {
    if (!this.#ids.isSampled(ticket.trace)) return;
    const { traces } = ticket.segment;
    if (traces.lacksSlow((endedUs - ticket.dueUs) / 1000)) this.#note(ticket, "ok", null, status, endedUs);
  }

  /** `status`: null without a whole answer in time. */
  failed(ticket: Ticket, outcome: number, reason: string, status: number | null, endedUs: number): void {
    if (!this.#ids.isSampled(ticket.trace) || !ticket.segment.traces.lacksFailed(reason)) return;
    this.#note(ticket, OUTCOMES[outcome]!, reason, status, endedUs);
  }

  #note(
    { name, trace, dueUs, segment }: Ticket,
    outcome: Outcome,
    reason: string | null,
    status: number | null,
    endedUs: number,
  ): void {
    segment.traces.add({
      traceId: this.#ids.traceId(trace),
      name,
      outcome,
      reason,
      status,
      dueS: Math.max(0, dueUs - segment.startUs) / 1e6,
      ms: Math.max(0, endedUs - dueUs) / 1000,
    });
  }
}
