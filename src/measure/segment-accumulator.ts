import { type LatencyLimit, limitsOf } from "./latency-limits.js";
import { OUTCOMES } from "./outcome.js";
import type { AnswerSample, PhaseRecord, StatusCount } from "./record.js";
import { emptySecondCounts, mergeSecondCounts, type SecondCounts } from "./second-counts.js";
import { ReasonCounts } from "./segments/reason-counts.js";
import { SeriesColumns } from "./segments/series-columns.js";
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
  readonly #reasons = new ReasonCounts();
  /** By the name's number in the mix. */
  readonly #nameReasons: readonly ReasonCounts[];
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
    this.#nameReasons = names.map(() => new ReasonCounts());
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
        if (name < this.#requests) this.#reasons.add(reason, count);
        this.#nameReasons[name]!.add(reason, count);
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
    const reasons = this.#reasons.mostFrequent();
    const seconds = Math.max(Math.ceil(durationS - 1e-6), all.seconds);
    const traces = this.#traces.all(this.#allNames);
    const timed = names.slice(this.#requests).flatMap((columns, at) => {
      const name = this.#requests + at;
      const reasons = this.#nameReasons[name]!.mostFrequent();
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
                reasons: this.#nameReasons[name]!.mostFrequent(),
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
