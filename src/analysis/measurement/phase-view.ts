/** One phase of a record. Figures that take work are computed once and kept. */

import { type OutcomeCounts, perOutcome } from "../../measure/outcome.js";
import type { PhaseRecord, RequestSeries } from "../../measure/record.js";
import type { RecordedTimes } from "../../measure/recorded-times.js";
import {
  type BadSeries,
  type Crossing,
  type Latency,
  type Observations,
  rankOfQuantile,
  type SignalReading,
  type TimedCounts,
} from "../../slo/observations.js";
import type { LatencySummary } from "../document/report.js";
import { sum } from "../statistics/intervals.js";
import { crossedIn } from "./crossed.js";
import { FailedRequests, isFailureTimed } from "./failed-requests.js";
import { completionsIn, type PhaseCompletions } from "./phase-completions.js";
import { shareAbove } from "./share-above.js";
import { signalReading } from "./signal-reading.js";
import { WithinPhase } from "./within-phase.js";

/** Where latency counts from: when the request was due, or when the generator sent it. */
export type LatencyClock = "due" | "dispatch";

/** Latencies of one request name in one phase: the `ok` answers, and failures as longer than any of them. */
export class LatencyDistribution {
  readonly #answers: RecordedTimes;
  readonly #failures: number;

  constructor(answers: RecordedTimes, failures: number) {
    this.#answers = answers;
    this.#failures = failures;
  }

  /** The least latency in ms that a share `q` of all requests kept to. "inf" when too many failed. */
  quantile(q: number): Latency {
    const rank = rankOfQuantile(q, this.#answers.count, this.#failures);
    return typeof rank === "number" ? this.#answers.atRankUs(rank) / 1000 : rank;
  }

  summary(): LatencySummary {
    return summaryOf((q) => this.quantile(q));
  }
}

export function summaryOf(quantile: (q: number) => Latency): LatencySummary {
  return {
    p50: quantile(0.5),
    p90: quantile(0.9),
    p95: quantile(0.95),
    p99: quantile(0.99),
    p999: quantile(0.999),
    max: quantile(1),
  };
}

/** Counts over a whole phase. */
export type RequestCounts = { readonly scheduled: number } & OutcomeCounts;

/** What SLOs are judged on in one phase. */
export interface PhaseObservations extends Observations {
  /** Missing when somebody else counted: whoever made the load may have been late with it. */
  readonly ownLoad?: PhaseView | undefined;
}

/** What our own load saw. */
export class PhaseView implements PhaseObservations {
  readonly record: PhaseRecord;
  readonly #distributions = new Map<string | null, LatencyDistribution>();
  readonly #counts = new Map<string | null, RequestCounts>();

  constructor(record: PhaseRecord) {
    this.record = record;
  }

  get ownLoad(): PhaseView {
    return this;
  }

  get startS(): number {
    return this.record.startS;
  }

  get durationS(): number {
    return this.record.durationS;
  }

  get seconds(): number {
    return this.record.all.scheduled.length;
  }

  /** The number of whole seconds. A busy runner may end a phase some milliseconds late. */
  get wholeSeconds(): number {
    const whole = Math.floor(this.record.durationS + 0.05);
    return whole >= 1 ? Math.min(whole, this.seconds) : this.seconds;
  }

  /** Of requests, or of what is timed beside them. @returns null when none of that name was due. */
  series(request: string | null): RequestSeries | null {
    const { all, requests, timed = [] } = this.record;
    if (request === null) return all;
    const isMeant = (series: RequestSeries) => series.request === request;
    return requests.find(isMeant) ?? timed.find(isMeant) ?? null;
  }

  /** @returns null when no request of that name was due. */
  latencies(request: string | null): LatencyDistribution | null {
    const series = this.series(request);
    if (series === null) return null;
    let found = this.#distributions.get(request);
    if (found === undefined) {
      const { scheduled, ok } = this.counts(request);
      found = new LatencyDistribution(series.histograms.latency, scheduled - ok);
      this.#distributions.set(request, found);
    }
    return found;
  }

  quantile(request: string | null, q: number): Latency {
    return this.latencies(request)?.quantile(q) ?? null;
  }

  /** Requests that got no good answer. */
  failures(request: string | null): BadSeries {
    const series = this.series(request);
    if (series === null) return { due: this.#zeros(), bad: this.#zeros() };
    const bad = series.scheduled.map((due, t) => due - series.outcomes.ok[t]!);
    return { due: series.scheduled, bad };
  }

  /**
   * Slow answers, from the counters that were kept during the run. @returns null when that limit was not counted and
   * the slowest answers do not settle it.
   */
  slower(request: string | null, limitUs: number, clock: LatencyClock = "due"): BadSeries | null {
    const { due, bad: failed } = this.failures(request);
    const series = this.series(request);
    if (series === null) return { due, bad: failed };
    const slow = series.slow.find((counted) => counted.limitUs === limitUs)?.[clock];
    if (slow) return { due, bad: failed.map((count, t) => count + slow[t]!) };
    // The histogram keeps three digits. An answer within 0.2 % of the limit may lie on either side of it.
    const settled = series.latencyMs.max.every((max) => max === null || max * 1000 * 1.002 < limitUs);
    return settled ? { due, bad: failed } : null;
  }

  /** Slow answers for a limit that was not counted: interpolated between the quantiles of each second. */
  slowerAbout(request: string | null, limitUs: number): BadSeries {
    const exact = this.slower(request, limitUs);
    if (exact !== null) return exact;
    const { due, bad } = this.failures(request);
    const series = this.series(request)!;
    const slower = bad.map(
      (failed, t) => failed + series.outcomes.ok[t]! * shareAbove(series.latencyMs, t, limitUs / 1000),
    );
    return { due, bad: slower };
  }

  failed(clock: LatencyClock = "due"): FailedRequests | null {
    const { all, requests } = this.record;
    return [all, ...requests].every(isFailureTimed) ? new FailedRequests(this, clock) : null;
  }

  degraded(request: string | null): BadSeries | null {
    const series = this.series(request);
    if (series === null) return { due: this.#zeros(), bad: this.#zeros() };
    return series.degraded ? { due: series.scheduled, bad: series.degraded } : null;
  }

  /** How long fallbacks took, from when their requests were due. @returns null where none is told apart. */
  degradedLatencies(request: string | null): LatencyDistribution | null {
    const times = this.series(request)?.histograms.degraded;
    return times ? new LatencyDistribution(times, 0) : null;
  }

  crossed(proxy: string, crossing: Crossing): TimedCounts | null {
    return crossedIn(this.record, proxy, crossing);
  }

  signal(name: string): SignalReading | null {
    return signalReading(this.record, name);
  }

  completions(of: string): PhaseCompletions | null {
    return completionsIn(this.record, of);
  }

  countedFrom(clock: LatencyClock): Observations {
    return clock === "dispatch" ? this.fromDispatch : this;
  }

  /**
   * The phase for the system alone: latency counts from when requests left, and requests that the generator did not
   * send are left out.
   */
  get fromDispatch(): Observations {
    return new PhaseFromDispatch(this);
  }

  /** Good answers that surely took longer than the limit from when they were sent. */
  slowerFromDispatch(request: string | null, limitUs: number): number {
    // The histogram keeps three digits.
    return this.series(request)?.histograms.dispatchLatency.countAboveUs(limitUs * 1.002) ?? 0;
  }

  /** p99 of the generator's own lateness. @returns null when nothing was sent. */
  lagP99Ms(): number | null {
    return this.#lagMs(0.99);
  }

  /** The generator's greatest lateness. @returns null when nothing was sent. */
  greatestLagUs(): number | null {
    const greatest = this.#lagMs(1);
    return greatest === null ? null : greatest * 1000;
  }

  #lagMs(q: number): number | null {
    const late = new LatencyDistribution(this.record.all.histograms.lag, 0).quantile(q);
    return typeof late === "number" ? late : null;
  }

  counts(request: string | null): RequestCounts {
    let found = this.#counts.get(request);
    if (found === undefined) {
      const series = this.series(request);
      found = {
        scheduled: series === null ? 0 : sum(series.scheduled),
        ...perOutcome((outcome) => (series === null ? 0 : sum(series.outcomes[outcome]))),
      };
      this.#counts.set(request, found);
    }
    return found;
  }

  #zeros(): number[] {
    return Array<number>(this.seconds).fill(0);
  }
}

class PhaseFromDispatch extends WithinPhase implements Observations {
  readonly #phase: PhaseView;

  constructor(phase: PhaseView) {
    super(phase);
    this.#phase = phase;
  }

  counts(request: string | null): { readonly scheduled: number; readonly ok: number } {
    const { scheduled, ok } = this.#phase.counts(request);
    return { scheduled: scheduled - sum(this.#neverSent(request)), ok };
  }

  failures(request: string | null): BadSeries {
    return this.#sent(request, this.#phase.failures(request));
  }

  failed(): Observations | null {
    return this.#phase.failed("dispatch");
  }

  completions(of: string): PhaseCompletions | null {
    return this.#phase.completions(of);
  }

  degraded(request: string | null): BadSeries | null {
    const told = this.#phase.degraded(request);
    return told && { due: this.failures(request).due, bad: told.bad };
  }

  slower(request: string | null, limitUs: number): BadSeries | null {
    const counted = this.#phase.slower(request, limitUs, "dispatch");
    return counted && this.#sent(request, counted);
  }

  slowerAbout(request: string | null, limitUs: number): BadSeries | null {
    return this.slower(request, limitUs);
  }

  quantile(request: string | null, q: number): Latency {
    const series = this.#phase.series(request);
    if (series === null) return null;
    const { scheduled, ok } = this.counts(request);
    return new LatencyDistribution(series.histograms.dispatchLatency, scheduled - ok).quantile(q);
  }

  /** Takes out requests that the generator did not send: they are neither due nor bad. */
  #sent(request: string | null, { due, bad }: BadSeries): BadSeries {
    const own = this.#neverSent(request);
    const without = (counts: readonly number[]) => counts.map((count, second) => count - (own[second] ?? 0));
    return { due: without(due), bad: without(bad) };
  }

  #neverSent(request: string | null): readonly number[] {
    return this.#phase.series(request)?.unsentByGenerator ?? [];
  }
}
