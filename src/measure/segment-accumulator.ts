import {
  allFailures,
  FAILED_OUTCOMES,
  type FailedOutcome,
  type FailureCounts,
  mergeFailures,
} from "./failures/failure-times.js";
import { EMPTY_SPARSE_HISTOGRAM, mergeSparse, type SparseHistogram, sparseQuantileUs } from "./histogram.js";
import { type LatencyLimit, limitsOf } from "./latency-limits.js";
import { OTHER_REASONS, OUTCOMES, perOutcome } from "./outcome.js";
import type { AnswerSample, PhaseRecord, RequestSeries, StatusCount } from "./record.js";
import { RecordedTimes } from "./recorded-times.js";
import { emptySecondCounts, mergeSecondCounts, type SecondCounts } from "./second-counts.js";
import { KeptTraces } from "./tracing/kept-traces.js";
import type { NotedTrace } from "./tracing/noted-traces.js";

/** What the load plane measured for one segment: a PhaseRecord without what only the runner knows. */
export type SegmentMeasurement = Omit<
  PhaseRecord,
  "id" | "kind" | "fault" | "startS" | "machine" | "upstreams" | "http" | "accepted" | "proxyLateMs"
>;

/** One second of due time as one thread saw it: complete, or (in a snapshot) so far. */
export interface SecondReport {
  /** Counted from the segment's start. */
  readonly second: number;
  /** Only the names that were due, by their number in the mix. */
  readonly names: readonly { readonly name: number; readonly counts: SecondCounts }[];
}

/** What a thread counts for a segment as a whole. Reports hold what came since the last report. */
export interface SegmentTotals {
  readonly connectionsOpened: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Requests that went out again, because the other side had not processed them. Not there: none. */
  readonly sentAgain?: number;
  readonly reasons: readonly NameReasons[];
  readonly statuses: readonly NameStatus[];
  /** Examples for reasons that had none yet. */
  readonly samples: readonly NameSample[];
  /** Sampled requests that failed or were slow. */
  readonly traces: readonly NotedTrace[];
}

/** Why requests of one name failed, and how many of them. */
export interface NameReasons {
  /** Its number in the mix. */
  readonly name: number;
  readonly reasons: Readonly<Record<string, number>>;
}

/** Whole answers of one status to requests of one name. */
export interface NameStatus extends StatusCount {
  readonly name: number;
  readonly status: number;
}

/** A bad answer to a request of one name. */
export interface NameSample extends Omit<AnswerSample, "request"> {
  readonly name: number;
}

/** With more kinds of reasons, the rest goes under OTHER_REASONS. */
const MAX_REASONS = 20;

/**
 * Joins what the threads report for one segment. A second that every thread has completed is reduced to a row of
 * numbers, so memory does not grow with the load.
 */
export class SegmentAccumulator {
  /** Of requests, then of what is timed beside them. */
  readonly #allNames: readonly string[];
  readonly #requests: number;
  readonly #limits: readonly LatencyLimit[];
  readonly #nameLimits: readonly (readonly number[])[];
  readonly #reporters: number;
  readonly #open = new Map<number, { reports: number; names: Map<number, SecondCounts> }>();
  readonly #names: SeriesColumns[];
  readonly #all: SeriesColumns;
  #connectionsOpened = 0;
  #bytesSent = 0;
  #bytesReceived = 0;
  #sentAgain = 0;
  readonly #reasons = new Map<string, number>();
  /** By the name's number in the mix. */
  readonly #nameReasons: readonly Map<string, number>[];
  readonly #nameStatuses: readonly Map<string, StatusCount>[];
  readonly #samples = new Map<string, NameSample>();
  readonly #traces = new KeptTraces();

  /**
   * @param reporters the number of threads that will report each second.
   * @param tellDegraded names of the requests that say which answers are a fallback.
   * @param follows redirects are followed, and so counted.
   * @param timedNames what is timed beside single requests. Their numbers go on behind those of the requests.
   */
  constructor(
    requestNames: readonly string[],
    limits: readonly LatencyLimit[],
    reporters: number,
    tellDegraded: ReadonlySet<string> = new Set(),
    follows = false,
    timedNames: readonly string[] = [],
  ) {
    const names = [...requestNames, ...timedNames];
    this.#allNames = names;
    this.#requests = requestNames.length;
    this.#limits = limits;
    this.#reporters = reporters;
    this.#nameLimits = names.map((name) => limitsOf(name, limits));
    this.#names = this.#nameLimits.map((nameLimits, number) => {
      const isTimed = number >= requestNames.length;
      const degraded = !isTimed && tellDegraded.has(names[number]!);
      return new SeriesColumns(nameLimits, { degraded, redirects: follows && !isTimed });
    });
    this.#nameReasons = names.map(() => new Map());
    this.#nameStatuses = names.map(() => new Map());
    const tells = { degraded: tellDegraded.size > 0, redirects: follows };
    this.#all = new SeriesColumns(limitsOf(null, limits), tells);
  }

  addTotals(totals: SegmentTotals): void {
    this.#connectionsOpened += totals.connectionsOpened;
    this.#bytesSent += totals.bytesSent;
    this.#bytesReceived += totals.bytesReceived;
    this.#sentAgain += totals.sentAgain ?? 0;
    for (const { name, reasons } of totals.reasons) {
      for (const [reason, count] of Object.entries(reasons)) {
        // The reason of a journey is that of a request, told once more.
        if (name < this.#requests) add(this.#reasons, reason, count);
        add(this.#nameReasons[name]!, reason, count);
      }
    }
    for (const { name, status, answers, ok } of totals.statuses) {
      const statuses = this.#nameStatuses[name]!;
      const before = statuses.get(String(status)) ?? { answers: 0, ok: 0 };
      statuses.set(String(status), { answers: before.answers + answers, ok: before.ok + ok });
    }
    this.#traces.add(totals.traces);
    for (const sample of totals.samples) {
      if (!this.#samples.has(sample.reason)) this.#samples.set(sample.reason, sample);
    }
  }

  /** Adds a second that a thread has completed. */
  addSecond(report: SecondReport): void {
    const open = this.#open.get(report.second) ?? { reports: 0, names: new Map() };
    this.#open.set(report.second, open);
    mergeNames(open.names, report);
    open.reports++;
    if (open.reports < this.#reporters) return;
    this.#open.delete(report.second);
    this.#reduce(report.second, open.names, this.#names, this.#all);
  }

  /**
   * The segment so far.
   * @param partial what threads hold of seconds that they have not completed.
   * @param lost set when a thread died.
   */
  measure(
    durationS: number,
    startedAt: string,
    partial: readonly SecondReport[],
    lost: string | null,
  ): SegmentMeasurement {
    const names = this.#names.map((columns) => columns.clone());
    const all = this.#all.clone();
    const open = new Map([...this.#open].map(([second, { names }]) => [second, new Map(names)] as const));
    for (const report of partial) {
      const merged = open.get(report.second) ?? new Map<number, SecondCounts>();
      open.set(report.second, merged);
      mergeNames(merged, report);
    }
    for (const [second, counts] of open) this.#reduce(second, counts, names, all);
    const reasons = mostFrequent(this.#reasons);
    const seconds = Math.max(Math.ceil(durationS - 1e-6), all.seconds);
    const traces = this.#traces.all(this.#allNames);
    const timed = names.slice(this.#requests).flatMap((columns, at) => {
      const name = this.#requests + at;
      const reasons = mostFrequent(this.#nameReasons[name]!);
      return columns.isEmpty ? [] : [{ ...columns.toSeries(this.#allNames[name]!, seconds), reasons }];
    });
    return {
      durationS,
      startedAt,
      requests: names.slice(0, this.#requests).flatMap((columns, name) =>
        columns.isEmpty
          ? []
          : [
              {
                ...columns.toSeries(this.#allNames[name]!, seconds),
                reasons: mostFrequent(this.#nameReasons[name]!),
                statuses: Object.fromEntries(this.#nameStatuses[name]!),
              },
            ],
      ),
      all: all.toSeries(null, seconds),
      ...(timed.length === 0 ? {} : { timed }),
      connectionsOpened: this.#connectionsOpened,
      bytesSent: this.#bytesSent,
      bytesReceived: this.#bytesReceived,
      ...(this.#sentAgain > 0 ? { sentAgain: this.#sentAgain } : {}),
      lost,
      reasons,
      samples: [...this.#samples.values()]
        .filter(({ reason }) => reasons[reason] !== undefined)
        .map(({ name, ...sample }) => ({ ...sample, request: this.#allNames[name]! })),
      ...(traces.length === 0 ? {} : { traces }),
    };
  }

  #reduce(
    second: number,
    counts: ReadonlyMap<number, SecondCounts>,
    names: readonly SeriesColumns[],
    all: SeriesColumns,
  ): void {
    const allLimits = limitsOf(null, this.#limits);
    let total = emptySecondCounts(OUTCOMES.length, allLimits.length);
    for (const [name, ofName] of counts) {
      names[name]!.setSecond(second, ofName);
      // What is longer than a request is no request more.
      if (name >= this.#requests) continue;
      total = mergeSecondCounts(total, pickLimits(ofName, this.#nameLimits[name]!, allLimits));
    }
    all.setSecond(second, total);
  }
}

function mergeNames(into: Map<number, SecondCounts>, report: SecondReport): void {
  for (const { name, counts } of report.names) {
    const before = into.get(name);
    into.set(name, before ? mergeSecondCounts(before, counts) : counts);
  }
}

/** The counts of the limits that hold for all names. Only these can be summed over names. */
function pickLimits(counts: SecondCounts, from: readonly number[], to: readonly number[]): SecondCounts {
  const at = to.map((limit) => from.indexOf(limit));
  return {
    ...counts,
    slowDue: at.map((i) => counts.slowDue[i]!),
    slowDispatch: at.map((i) => counts.slowDispatch[i]!),
    failures: counts.failures && {
      ...counts.failures,
      slowDue: at.map((i) => counts.failures!.slowDue[i]!),
      slowDispatch: at.map((i) => counts.failures!.slowDispatch[i]!),
    },
  };
}

function add(counts: Map<string, number>, reason: string, count: number): void {
  counts.set(reason, (counts.get(reason) ?? 0) + count);
}

function mostFrequent(reasons: ReadonlyMap<string, number>): Record<string, number> {
  const sorted = [...reasons].sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1));
  if (sorted.length <= MAX_REASONS) return Object.fromEntries(sorted);
  // What a thread could not tell apart goes with the rest, however much it is.
  const named = sorted.filter(([reason]) => reason !== OTHER_REASONS);
  const kept = named.slice(0, MAX_REASONS - 1);
  const shown = kept.reduce((sum, [, count]) => sum + count, 0);
  const all = sorted.reduce((sum, [, count]) => sum + count, 0);
  return { ...Object.fromEntries(kept), [OTHER_REASONS]: all - shown };
}

/** What is counted only where something asks for it. */
interface Told {
  readonly degraded: boolean;
  readonly redirects: boolean;
}

/** The rows of one request name, second by second, and its histograms over the whole segment. */
class SeriesColumns {
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
