import {
  allFailures,
  FAILED_OUTCOMES,
  type FailedOutcome,
  type FailureCounts,
  mergeFailures,
} from "../failures/failure-times.js";
import { EMPTY_SPARSE_HISTOGRAM, mergeSparse, type SparseHistogram, sparseQuantileUs } from "../histogram.js";
import { perOutcome } from "../outcome.js";
import type { RequestSeries } from "../record.js";
import { RecordedTimes } from "../recorded-times.js";
import type { SecondCounts } from "../second-counts.js";

/** What is counted only where something asks for it. */
interface Told {
  readonly degraded: boolean;
  readonly redirects: boolean;
}

/** The rows of one request name, second by second, and its histograms over the whole segment. */
export class SeriesColumns {
  readonly #limits: readonly number[];
  readonly #tells: Told;
  /** By second. Empty where nothing was due. */
  readonly #rows: (SecondRow | undefined)[] = [];
  #latency: SparseHistogram = EMPTY_SPARSE_HISTOGRAM;
  #dispatchLatency: SparseHistogram = EMPTY_SPARSE_HISTOGRAM;
  #lag: SparseHistogram = EMPTY_SPARSE_HISTOGRAM;
  #degradedLatency: SparseHistogram = EMPTY_SPARSE_HISTOGRAM;
  #failures: FailureCounts | null = null;

  constructor(limits: readonly number[], tells: Told) {
    this.#limits = limits;
    this.#tells = tells;
  }

  get seconds(): number {
    return this.#rows.length;
  }

  get isEmpty(): boolean {
    return this.#rows.every((row) => row === undefined || row.scheduled === 0);
  }

  clone(): SeriesColumns {
    const copy = new SeriesColumns(this.#limits, this.#tells);
    // A loop, because spreading an hour of rows into push() would overflow the argument stack.
    for (const [second, row] of this.#rows.entries()) copy.#rows[second] = row;
    copy.#latency = this.#latency;
    copy.#dispatchLatency = this.#dispatchLatency;
    copy.#lag = this.#lag;
    copy.#degradedLatency = this.#degradedLatency;
    copy.#failures = this.#failures;
    return copy;
  }

  setSecond(second: number, counts: SecondCounts): void {
    this.#rows[second] = {
      scheduled: counts.scheduled,
      offered: counts.offered,
      outcomes: counts.outcomes,
      unsentByGenerator: counts.unsentByGenerator,
      degraded: counts.degraded,
      redirects: counts.redirects,
      slowDue: counts.slowDue,
      slowDispatch: counts.slowDispatch,
      latency: quantilesOf(counts.latency),
      lagP99Ms: toMs(sparseQuantileUs(counts.lag, 0.99)),
      failures: counts.failures && {
        slowDue: counts.failures.slowDue,
        slowDispatch: counts.failures.slowDispatch,
        ms: quantilesOf(allFailures(counts.failures)),
      },
    };
    this.#latency = mergeSparse(this.#latency, counts.latency);
    this.#dispatchLatency = mergeSparse(this.#dispatchLatency, counts.dispatchLatency);
    this.#lag = mergeSparse(this.#lag, counts.lag);
    this.#degradedLatency = mergeSparse(this.#degradedLatency, counts.degradedLatency);
    this.#failures = mergeFailures(this.#failures, counts.failures);
  }

  toSeries(request: string | null, seconds: number): RequestSeries {
    const rows = Array.from({ length: seconds }, (_, second) => this.#rows[second] ?? null);
    const column = (pick: (row: SecondRow) => number | undefined) =>
      rows.map((row) => (row === null ? 0 : (pick(row) ?? 0)));
    const times = (pick: (row: SecondRow) => number | null | undefined) =>
      rows.map((row) => (row === null ? null : (pick(row) ?? null)));
    const failures = this.#failures;
    return {
      request,
      scheduled: column((row) => row.scheduled),
      offered: column((row) => row.offered),
      outcomes: perOutcome((_, at) => column((row) => row.outcomes[at])),
      unsentByGenerator: column((row) => row.unsentByGenerator),
      ...(this.#tells.degraded ? { degraded: column((row) => row.degraded) } : {}),
      ...(this.#tells.redirects ? { redirects: column((row) => row.redirects) } : {}),
      slow: this.#limits.map((limitUs, i) => ({
        limitUs,
        due: column((row) => row.slowDue[i]),
        dispatch: column((row) => row.slowDispatch[i]),
      })),
      latencyMs: {
        p50: times(({ latency }) => latency.p50),
        p90: times(({ latency }) => latency.p90),
        p99: times(({ latency }) => latency.p99),
        max: times(({ latency }) => latency.max),
      },
      lagP99Ms: times((row) => row.lagP99Ms),
      histograms: {
        latency: new RecordedTimes(this.#latency),
        dispatchLatency: new RecordedTimes(this.#dispatchLatency),
        lag: new RecordedTimes(this.#lag),
        ...(this.#tells.degraded ? { degraded: new RecordedTimes(this.#degradedLatency) } : {}),
      },
      ...(failures === null
        ? {}
        : {
            timeToFailure: {
              slow: this.#limits.map((limitUs, i) => ({
                limitUs,
                due: column((row) => row.failures?.slowDue[i]),
                dispatch: column((row) => row.failures?.slowDispatch[i]),
              })),
              ms: {
                p50: times((row) => row.failures?.ms.p50),
                p90: times((row) => row.failures?.ms.p90),
                p99: times((row) => row.failures?.ms.p99),
                max: times((row) => row.failures?.ms.max),
              },
              byOutcome: timesByOutcome(failures),
              dispatch: new RecordedTimes(failures.dispatch),
            },
          }),
    };
  }
}

/** One second, once every thread has reported it. */
interface SecondRow {
  readonly scheduled: number;
  readonly offered: number;
  readonly outcomes: readonly number[];
  readonly unsentByGenerator: number;
  readonly degraded: number;
  readonly redirects: number;
  readonly slowDue: readonly number[];
  readonly slowDispatch: readonly number[];
  readonly latency: SecondQuantiles;
  readonly lagP99Ms: number | null;
  readonly failures: {
    readonly slowDue: readonly number[];
    readonly slowDispatch: readonly number[];
    readonly ms: SecondQuantiles;
  } | null;
}

/** In ms. null: there was none. */
interface SecondQuantiles {
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

function quantilesOf(times: SparseHistogram): SecondQuantiles {
  return {
    p50: toMs(sparseQuantileUs(times, 0.5)),
    p90: toMs(sparseQuantileUs(times, 0.9)),
    p99: toMs(sparseQuantileUs(times, 0.99)),
    max: toMs(sparseQuantileUs(times, 1)),
  };
}

/** Only the outcomes that some request had. */
function timesByOutcome({ byOutcome }: FailureCounts): Partial<Record<FailedOutcome, RecordedTimes>> {
  const times: Partial<Record<FailedOutcome, RecordedTimes>> = {};
  for (const [at, outcome] of FAILED_OUTCOMES.entries()) {
    const own = byOutcome[at]!;
    if (own.counts.length > 0) times[outcome] = new RecordedTimes(own);
  }
  return times;
}

function toMs(us: number | null): number | null {
  return us === null ? null : us / 1000;
}
