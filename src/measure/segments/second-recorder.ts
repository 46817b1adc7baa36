import { FailureTimes } from "../failures/failure-times.js";
import { TimeHistogram } from "../histogram.js";
import { OUTCOMES } from "../outcome.js";
import type { SecondCounts } from "../second-counts.js";
import type { SecondReport } from "../segment-accumulator.js";

/** One second of due time that still waits for outcomes. */
export interface SecondRecorder {
  readonly second: number;
  unsettled: number;
  /** By the name's number in the mix. null: not due in this second. */
  readonly names: (NameCounts | null)[];
}

/** What is counted of one request name in one second. */
export class NameCounts {
  scheduled = 0;
  offered = 0;
  unsentByGenerator = 0;
  degraded = 0;
  redirects = 0;
  readonly outcomes = new Uint32Array(OUTCOMES.length);
  slowDue = new Uint32Array(0);
  slowDispatch = new Uint32Array(0);
  readonly latency = new TimeHistogram();
  readonly dispatchLatency = new TimeHistogram();
  readonly lag = new TimeHistogram();
  readonly degradedLatency = new TimeHistogram();
  readonly failures = new FailureTimes();

  /** Begins at 0. */
  begin(limits: number): void {
    this.scheduled = 0;
    this.offered = 0;
    this.unsentByGenerator = 0;
    this.degraded = 0;
    this.redirects = 0;
    this.outcomes.fill(0);
    this.slowDue = new Uint32Array(limits);
    this.slowDispatch = new Uint32Array(limits);
    this.latency.clear();
    this.dispatchLatency.clear();
    this.lag.clear();
    this.degradedLatency.clear();
    this.failures.begin(limits);
  }

  toCounts(): SecondCounts {
    return {
      scheduled: this.scheduled,
      offered: this.offered,
      outcomes: [...this.outcomes],
      unsentByGenerator: this.unsentByGenerator,
      slowDue: [...this.slowDue],
      slowDispatch: [...this.slowDispatch],
      latency: this.latency.toSparse(),
      dispatchLatency: this.dispatchLatency.toSparse(),
      lag: this.lag.toSparse(),
      degraded: this.degraded,
      degradedLatency: this.degradedLatency.toSparse(),
      redirects: this.redirects,
      failures: this.failures.toCounts(),
    };
  }
}

/** Counts that were reported, to be used again. A second's histograms take much more memory than its report. */
export class SpareCounts {
  readonly #counts: NameCounts[] = [];

  take(limits: number): NameCounts {
    const counts = this.#counts.pop() ?? new NameCounts();
    counts.begin(limits);
    return counts;
  }

  giveBack(counts: NameCounts): void {
    this.#counts.push(counts);
  }
}

/** What was counted in it until now. */
export function reportOf(second: SecondRecorder): SecondReport {
  return {
    second: second.second,
    names: second.names.flatMap((counts, name) =>
      counts === null ? [] : [{ name, counts: counts.toCounts() }],
    ),
  };
}
