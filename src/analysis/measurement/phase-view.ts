/** One phase of a record, with what has to be worked out from it kept once it was. */

import { decodeFromCompressedBase64, type Histogram } from "hdr-histogram-js";
import { type OutcomeCounts, perOutcome } from "../../measure/outcome.js";
import type { PhaseRecord, RequestSeries } from "../../measure/record.js";
import type { BadSeries, Latency, Observations } from "../../slo/observations.js";
import type { LatencySummary } from "../document/report.js";
import { sum } from "../statistics/intervals.js";

/** From when latency counts: when the request was due, or when the generator sent it. */
export type LatencyClock = "due" | "dispatch";

/** Latencies of one request name in one phase: the `ok` answers, and failures longer than any of them. */
export class LatencyDistribution {
  readonly #answers: Histogram;
  readonly #failures: number;

  /** @param encoded HdrHistogram V2, compressed, base64, in microseconds. */
  constructor(encoded: string, failures: number) {
    this.#answers = decodeFromCompressedBase64(encoded);
    this.#failures = failures;
  }

  get answers(): number {
    return this.#answers.totalCount;
  }

  /** The least latency in ms that a share `q` of all requests kept to; "inf" when too many failed. */
  quantile(q: number): Latency {
    const total = this.answers + this.#failures;
    if (total === 0) return null;
    // 0.95 · 100 must be rank 95, not 96.
    const rank = Math.max(1, Math.ceil(q * total - 1e-9 * total));
    if (rank > this.answers) return "inf";
    return this.#answers.getValueAtPercentile((100 * rank) / this.answers) / 1000;
  }

  /** How many answers took surely longer than that: the histogram keeps three digits. */
  answersAbove(limitUs: number): number {
    const total = this.answers;
    const isAbove = (rank: number) =>
      this.#answers.getValueAtPercentile((100 * (rank - 0.5)) / total) > limitUs * 1.002;
    // The first rank that is above lies in from..to; to = total + 1: none is.
    let [from, to] = [1, total + 1];
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      if (isAbove(middle)) to = middle;
      else from = middle + 1;
    }
    return total + 1 - from;
  }

  summary(): LatencySummary {
    return {
      p50: this.quantile(0.5),
      p90: this.quantile(0.9),
      p95: this.quantile(0.95),
      p99: this.quantile(0.99),
      p999: this.quantile(0.999),
      max: this.quantile(1),
    };
  }
}

/** Over a whole phase. */
export type RequestCounts = { readonly scheduled: number } & OutcomeCounts;

export class PhaseView implements Observations {
  readonly record: PhaseRecord;
  readonly #distributions = new Map<string | null, LatencyDistribution>();
  readonly #counts = new Map<string | null, RequestCounts>();

  constructor(record: PhaseRecord) {
    this.record = record;
  }

  get seconds(): number {
    return this.record.all.scheduled.length;
  }

  /** Without a last one that was cut short: a busy runner may end a phase some milliseconds late. */
  get wholeSeconds(): number {
    const whole = Math.floor(this.record.durationS + 0.05);
    return whole >= 1 ? Math.min(whole, this.seconds) : this.seconds;
  }

  /** null: no request of that name was due. */
  series(request: string | null): RequestSeries | null {
    if (request === null) return this.record.all;
    return this.record.requests.find((series) => series.request === request) ?? null;
  }

  /** Throws when the record's histogram cannot be read; null: no request of that name was due. */
  latencies(request: string | null): LatencyDistribution | null {
    const series = this.series(request);
    if (series === null) return null;
    let found = this.#distributions.get(request);
    if (found === undefined) {
      const failures = sum(series.scheduled) - sum(series.outcomes.ok);
      found = new LatencyDistribution(series.histograms.latency, failures);
      this.#distributions.set(request, found);
    }
    return found;
  }

  quantile(request: string | null, q: number): Latency {
    return this.latencies(request)?.quantile(q) ?? null;
  }

  /** The same for what is only shown: null also when it cannot be read. */
  distribution(request: string | null): LatencyDistribution | null {
    try {
      return this.latencies(request);
    } catch {
      // The SLO that needs it says so; everything else is shown without it.
      return null;
    }
  }

  /** Requests that got no good answer. */
  failures(request: string | null): BadSeries {
    const series = this.series(request);
    if (series === null) return { due: this.#zeros(), bad: this.#zeros() };
    const bad = series.scheduled.map((due, t) => due - series.outcomes.ok[t]!);
    return { due: series.scheduled, bad };
  }

  /**
   * Requests that failed or took longer than `limitUs`, from the counters that were kept while the run went on.
   * null when that limit was not counted and the slowest answers do not settle it.
   */
  slower(request: string | null, limitUs: number, clock: LatencyClock): BadSeries | null {
    const { due, bad: failed } = this.failures(request);
    const series = this.series(request);
    if (series === null) return { due, bad: failed };
    const slow = series.slow.find((counted) => counted.limitUs === limitUs)?.[clock];
    if (slow) return { due, bad: failed.map((count, t) => count + slow[t]!) };
    // The histogram keeps three digits: an answer within 0.2 % of the limit may lie on either side of it.
    const settled = series.latencyMs.max.every((max) => max === null || max * 1000 * 1.002 < limitUs);
    return settled ? { due, bad: failed } : null;
  }

  /**
   * The same for a limit that was not counted: interpolated between the quantiles of each second. Only for what is
   * shown beside a verdict (intervals of quantiles, differences), never for a verdict.
   */
  slowerAbout(request: string | null, limitUs: number): BadSeries {
    const exact = this.slower(request, limitUs, "due");
    if (exact !== null) return exact;
    const { due, bad } = this.failures(request);
    const series = this.series(request)!;
    const { p50, p90, p99, max } = series.latencyMs;
    const slower = bad.map((failed, t) => {
      const points: [limitMs: number, share: number][] = [];
      for (const [ms, share] of [
        [p50[t], 0.5],
        [p90[t], 0.1],
        [p99[t], 0.01],
        [max[t], 0],
      ] as const) {
        if (typeof ms === "number") points.push([ms, share]);
      }
      return failed + series.outcomes.ok[t]! * shareAbove(points, limitUs / 1000);
    });
    return { due, bad: slower };
  }

  /** A record of an older version has no latency from dispatch: there it counts from when requests were due. */
  countedFrom(clock: LatencyClock): Observations {
    return clock === "dispatch" && this.record.all.histograms.dispatchLatency !== undefined
      ? this.fromDispatch
      : this;
  }

  /** As it was for the system alone: counted from when requests left, without those that the generator did not send. */
  get fromDispatch(): Observations {
    return {
      counts: (request) => {
        const { scheduled, ok } = this.counts(request);
        return { scheduled: scheduled - this.#unsentByGenerator(request), ok };
      },
      goodPerS: (request) => this.goodPerS(request),
      quantile: (request, q) => {
        const encoded = this.series(request)?.histograms.dispatchLatency;
        if (encoded === undefined) return null;
        const { scheduled, ok } = this.counts(request);
        const failures = scheduled - ok - this.#unsentByGenerator(request);
        return new LatencyDistribution(encoded, failures).quantile(q);
      },
    };
  }

  #unsentByGenerator(request: string | null): number {
    return sum(this.series(request)?.unsentByGenerator ?? []);
  }

  /** Good answers that took surely longer than that from when they were sent; null when that cannot be read. */
  slowerFromDispatch(request: string | null, limitUs: number): number | null {
    const encoded = this.series(request)?.histograms.dispatchLatency;
    return encoded === undefined ? 0 : (readable(encoded)?.answersAbove(limitUs) ?? null);
  }

  /** p99 of the generator's own lateness; null when nothing was sent or it cannot be read. */
  lagP99Ms(): number | null {
    const late = readable(this.record.all.histograms.lag)?.quantile(0.99);
    return typeof late === "number" ? late : null;
  }

  /** The generator's greatest lateness; null when nothing was sent or it cannot be read. */
  greatestLagUs(): number | null {
    const late = readable(this.record.all.histograms.lag)?.quantile(1);
    return typeof late === "number" ? late * 1000 : null;
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

  /** Good answers a second over the phase as it was. */
  goodPerS(request: string | null): number {
    const { ok } = this.counts(request);
    return this.record.durationS > 0 ? ok / this.record.durationS : 0;
  }

  #zeros(): number[] {
    return Array<number>(this.seconds).fill(0);
  }
}

function readable(encoded: string): LatencyDistribution | null {
  try {
    return new LatencyDistribution(encoded, 0);
  } catch {
    return null;
  }
}

/** Share above `limit`, linear in the logarithm of latency between known points (in order of latency). */
function shareAbove(points: readonly (readonly [limitMs: number, share: number])[], limit: number): number {
  let [below, shareBelow] = [0.001, 1];
  for (const [ms, share] of points) {
    if (limit < ms) {
      const width = Math.log(ms) - Math.log(below);
      const way = width > 0 ? Math.max(0, Math.log(limit) - Math.log(below)) / width : 0;
      return shareBelow + (share - shareBelow) * way;
    }
    [below, shareBelow] = [Math.max(ms, 0.001), share];
  }
  return 0;
}
