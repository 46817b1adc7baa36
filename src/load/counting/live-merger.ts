import {
  EMPTY_SPARSE_HISTOGRAM,
  mergeSparse,
  type SparseHistogram,
  sparseQuantileUs,
} from "../../measure/histogram.js";
import { OUTCOMES, perOutcome } from "../../measure/outcome.js";
import type { LiveCounts, LiveSample } from "../session.js";
import type { LiveReport } from "../thread-messages.js";
import { LIVE_COUNTS } from "./live-counters.js";

/**
 * Joins the threads' live reports into one sample as soon as each thread has reported. A thread that has gone on to a
 * later segment is not waited for.
 */
export class LiveMerger {
  readonly #names: readonly string[];
  readonly #emit: (sample: LiveSample) => void;
  /** Numbers of the segments, in the order in which they began. */
  readonly #order = new Map<string, number>();
  #begun = 0;
  /** The number of the last segment that a thread reported on. */
  readonly #reached = new Map<number, number>();
  readonly #waiting = new Map<string, Map<number, LiveReport>>();

  constructor(requestNames: readonly string[], emit: (sample: LiveSample) => void) {
    this.#names = requestNames;
    this.#emit = emit;
  }

  /** `alive`: the threads whose report is waited for. */
  add(report: LiveReport, thread: number, alive: ReadonlySet<number>): void {
    this.#reached.set(thread, this.#numberOf(report.segmentId, thread));
    const reports = this.#waiting.get(report.segmentId) ?? new Map<number, LiveReport>();
    this.#waiting.set(report.segmentId, reports);
    const before = reports.get(thread);
    reports.set(thread, before ? following(before, report) : report);
    for (const [segmentId, waiting] of this.#waiting) {
      if (this.#isAwaited(segmentId, waiting, alive)) continue;
      this.#waiting.delete(segmentId);
      this.#emit(toSample([...waiting.values()], this.#names));
    }
  }

  /** @returns whether a thread still has to report. Nearly always one of the first has, so there may be a thousand of them. */
  #isAwaited(
    segmentId: string,
    waiting: ReadonlyMap<number, LiveReport>,
    alive: ReadonlySet<number>,
  ): boolean {
    const order = this.#order.get(segmentId) ?? 0;
    for (const other of alive) {
      if (!waiting.has(other) && (this.#reached.get(other) ?? -1) <= order) return true;
    }
    return false;
  }

  #numberOf(segmentId: string, thread: number): number {
    const known = this.#order.get(segmentId);
    // No thread goes back. So a segment of that name has begun anew, as a baseline that is measured again does.
    if (known !== undefined && known >= (this.#reached.get(thread) ?? 0)) return known;
    this.#begun++;
    this.#order.set(segmentId, this.#begun);
    return this.#begun;
  }
}

/** Joins two reports of the same thread, one after the other. */
function following(a: LiveReport, b: LiveReport): LiveReport {
  return {
    ...b,
    intervalMs: a.intervalMs + b.intervalMs,
    outcomes: b.outcomes.map((count, i) => count + a.outcomes[i]!),
    latency: mergeSparse(a.latency, b.latency),
    slow: b.slow.map((count, i) => count + (a.slow[i] ?? 0)),
  };
}

function toSample(reports: readonly LiveReport[], names: readonly string[]): LiveSample {
  const first = reports[0]!;
  const total = (pick: (report: LiveReport) => number) =>
    reports.reduce((sum, report) => sum + pick(report), 0);
  const latency = reports.reduce<SparseHistogram>(
    (merged, report) => mergeSparse(merged, report.latency),
    EMPTY_SPARSE_HISTOGRAM,
  );
  const counts = first.outcomes.map((_, i) => total((report) => report.outcomes[i]!));
  const requests = new Map(
    names.map((name, i) => [name, liveCounts(counts.slice(i * LIVE_COUNTS, (i + 1) * LIVE_COUNTS))]),
  );
  const p99Us = sparseQuantileUs(latency, 0.99);
  return {
    segmentId: first.segmentId,
    atMs: Math.max(...reports.map((report) => report.atMs)),
    intervalMs: Math.max(...reports.map((report) => report.intervalMs)),
    outcomes: liveCounts(Array.from({ length: LIVE_COUNTS }, (_, kind) => countOf(counts, kind))),
    requests,
    p99Ms: p99Us === null ? null : p99Us / 1000,
    latency,
    slow: first.slow.map((_, i) => total((report) => report.slow[i] ?? 0)),
  };
}

/** The counts of one kind, over all names. */
function countOf(counts: readonly number[], kind: number): number {
  return counts.reduce((sum, count, i) => (i % LIVE_COUNTS === kind ? sum + count : sum), 0);
}

/** In the order of OUTCOMES, and one more. */
function liveCounts(counts: readonly number[]): LiveCounts {
  return { ...perOutcome((_, at) => counts[at]!), unsentByGenerator: counts[OUTCOMES.length]! };
}
