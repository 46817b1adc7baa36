import { EMPTY_SPARSE_HISTOGRAM, mergeSparse, sparseQuantileUs } from "../../measure/histogram.js";
import { OUTCOMES, perOutcome } from "../../measure/outcome.js";
import { sumOf } from "../merging/balanced-sum.js";
import type { LiveCounts, LiveSample } from "../session.js";
import type { LiveReport } from "../thread-messages.js";
import { LIVE_COUNTS } from "./live-counters.js";

/** What has come of one segment. */
interface Gathering {
  readonly reports: Map<number, LiveReport>;
  /** The segment's number. Another one: it has begun anew. */
  readonly order: number;
  /** The threads that may be waited for still. Those before have reported, or gone on: nobody looks at them again. */
  readonly left: Iterator<number>;
  /** The one that is waited for. */
  awaited: number | null;
}

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
  readonly #waiting = new Map<string, Gathering>();

  constructor(requestNames: readonly string[], emit: (sample: LiveSample) => void) {
    this.#names = requestNames;
    this.#emit = emit;
  }

  /** `alive`: the threads whose report is waited for. */
  add(report: LiveReport, thread: number, alive: ReadonlySet<number>): void {
    this.#reached.set(thread, this.#numberOf(report.segmentId, thread));
    const { reports } = this.#gathering(report.segmentId, alive);
    const before = reports.get(thread);
    reports.set(thread, before ? following(before, report) : report);
    for (const [segmentId, other] of this.#waiting) {
      if (this.#isIncomplete(other, alive)) continue;
      this.#waiting.delete(segmentId);
      this.#emit(toSample([...other.reports.values()], this.#names));
    }
  }

  #gathering(segmentId: string, alive: ReadonlySet<number>): Gathering {
    const order = this.#order.get(segmentId) ?? 0;
    const known = this.#waiting.get(segmentId);
    if (known?.order === order) return known;
    const reports = known?.reports ?? new Map<number, LiveReport>();
    const gathering = { order, reports, left: alive.values(), awaited: null };
    this.#waiting.set(segmentId, gathering);
    return gathering;
  }

  /** @returns whether a thread still has to report. Each is looked at once, so there may be a thousand of them. */
  #isIncomplete(gathering: Gathering, alive: ReadonlySet<number>): boolean {
    const { order, reports, left } = gathering;
    for (;;) {
      const { awaited } = gathering;
      const isAwaited =
        awaited !== null &&
        alive.has(awaited) &&
        !reports.has(awaited) &&
        (this.#reached.get(awaited) ?? -1) <= order;
      if (isAwaited) return true;
      const next = left.next();
      if (next.done === true) return false;
      gathering.awaited = next.value;
    }
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
  const histograms = reports.map((report) => report.latency);
  const latency = sumOf(histograms, mergeSparse) ?? EMPTY_SPARSE_HISTOGRAM;
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
