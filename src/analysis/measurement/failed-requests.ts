/** The requests of one phase that were sent and failed. How long each took to fail is its latency. */

import { FAILED_OUTCOMES, type FailedOutcome } from "../../measure/failures/failure-times.js";
import type { RequestSeries, TimeToFailure } from "../../measure/record.js";
import { RecordedTimes } from "../../measure/recorded-times.js";
import { type BadSeries, type Latency, type Observations, rankOfQuantile } from "../../slo/observations.js";
import { sum } from "../statistics/intervals.js";
import { shareAbove } from "./share-above.js";
import { WithinPhase } from "./within-phase.js";

/** The whole phase. */
interface Phase extends Pick<Observations, "startS" | "durationS" | "seconds" | "wholeSeconds"> {
  /** @returns null when no request of that name was due. */
  series(request: string | null): RequestSeries | null;
}

/** Where time counts from: when a request was due, or when it was sent. */
type Clock = "due" | "dispatch";

export class FailedRequests extends WithinPhase implements Observations {
  readonly #phase: Phase;
  readonly #clock: Clock;
  readonly #times = new Map<string | null, RecordedTimes>();

  constructor(phase: Phase, clock: Clock) {
    super(phase);
    this.#phase = phase;
    this.#clock = clock;
  }

  counts(request: string | null): { readonly scheduled: number; readonly ok: number } {
    const failed = sum(this.#failedIn(request));
    return { scheduled: failed, ok: failed };
  }

  /** None of them: a failure is what is timed here. */
  failures(request: string | null): BadSeries {
    const due = this.#failedIn(request);
    return { due, bad: due.map(() => 0) };
  }

  slower(request: string | null, limitUs: number): BadSeries | null {
    const { due, bad } = this.failures(request);
    const known = this.#known(request);
    if (known === null) return { due, bad };
    const slow = known.slow.find((counted) => counted.limitUs === limitUs)?.[this.#clock];
    if (slow) return { due, bad: slow };
    // The histogram keeps three digits. A failure within 0.2 % of the limit may lie on either side of it.
    const settled = known.ms.max.every((max) => max === null || max * 1000 * 1.002 < limitUs);
    return settled ? { due, bad } : null;
  }

  slowerAbout(request: string | null, limitUs: number): BadSeries {
    const exact = this.slower(request, limitUs);
    if (exact !== null) return exact;
    const { due } = this.failures(request);
    const ms = this.#known(request)?.ms;
    const bad = due.map((count, t) => (ms ? count * shareAbove(ms, t, limitUs / 1000) : 0));
    return { due, bad };
  }

  /** How many surely took longer. */
  slowerThan(request: string | null, limitUs: number): number {
    // The histogram keeps three digits.
    return this.#allTimes(request).countAboveUs(limitUs * 1.002);
  }

  quantile(request: string | null, q: number): Latency {
    const times = this.#allTimes(request);
    const rank = rankOfQuantile(q, times.count, 0);
    return typeof rank === "number" ? times.atRankUs(rank) / 1000 : null;
  }

  /** By what they failed, only outcomes that came. From when requests were due. */
  byOutcome(request: string | null): readonly (readonly [FailedOutcome, RecordedTimes])[] {
    const known = this.#known(request)?.byOutcome;
    return FAILED_OUTCOMES.flatMap((outcome) => {
      const times = known?.[outcome];
      return times ? [[outcome, times] as const] : [];
    });
  }

  #allTimes(request: string | null): RecordedTimes {
    const found = this.#times.get(request);
    if (found) return found;
    const times =
      this.#clock === "dispatch"
        ? (this.#known(request)?.dispatch ?? RecordedTimes.joined([]))
        : RecordedTimes.joined(this.byOutcome(request).map(([, own]) => own));
    this.#times.set(request, times);
    return times;
  }

  /** @returns null when none failed. */
  #known(request: string | null): TimeToFailure | null {
    return this.#phase.series(request)?.timeToFailure ?? null;
  }

  #failedIn(request: string | null): readonly number[] {
    const series = this.#phase.series(request);
    if (series === null) return Array<number>(this.seconds).fill(0);
    return series.scheduled.map((_, t) => failedAt(series, t));
  }
}

/** Whether the record says of all requests that failed how long they took. Older records do not. */
export function isFailureTimed(series: RequestSeries): boolean {
  return series.timeToFailure !== undefined || series.scheduled.every((_, t) => failedAt(series, t) === 0);
}

function failedAt({ outcomes }: RequestSeries, second: number): number {
  return FAILED_OUTCOMES.reduce((total, outcome) => total + outcomes[outcome][second]!, 0);
}
