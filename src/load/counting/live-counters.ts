import { TimeHistogram } from "../../measure/histogram.js";
import type { LatencyLimit } from "../../measure/latency-limits.js";
import { OUTCOME, OUTCOMES } from "../../measure/outcome.js";
import type { LiveReport } from "../thread-messages.js";

/** Counts per request name in `LiveReport.outcomes`. */
export const LIVE_COUNTS = OUTCOMES.length + 1;
const BY_GENERATOR = OUTCOMES.length;

/** What ended since the last report. For the screen and for abort conditions. */
export class LiveCounters {
  readonly #names: readonly string[];
  /** As in `LiveReport`. */
  readonly #outcomes: Float64Array;
  readonly #latency = new TimeHistogram();
  /** As in `LiveReport`. The limits of each name are in µs, and infinite where a limit belongs to another name. */
  #slow = new Float64Array(0);
  #nameLimits: readonly Float64Array[] = [];
  #sinceUs = 0;

  constructor(requestNames: readonly string[]) {
    this.#names = requestNames;
    this.#outcomes = new Float64Array(requestNames.length * LIVE_COUNTS);
  }

  get sinceUs(): number {
    return this.#sinceUs;
  }

  /** The request was sent and is not ok. `name` is the number of its name. */
  failed(name: number, outcome: number): void {
    this.#outcomes[name * LIVE_COUNTS + outcome]!++;
  }

  unsent(name: number, byGenerator: boolean): void {
    this.#outcomes[name * LIVE_COUNTS + OUTCOME.unsent]!++;
    if (byGenerator) this.#outcomes[name * LIVE_COUNTS + BY_GENERATOR]!++;
  }

  ok(name: number, latencyUs: number, lagUs: number): void {
    this.#outcomes[name * LIVE_COUNTS + OUTCOME.ok]!++;
    this.#latency.record(latencyUs);
    const dispatchUs = latencyUs - lagUs;
    const limits = this.#nameLimits[name]!;
    for (let i = 0; i < limits.length; i++) this.#slow[i]! += dispatchUs > limits[i]! ? 1 : 0;
  }

  /** Reports and begins anew, with the limits of the segment that is current now. */
  take(segmentId: string, nowUs: number, limits: readonly LatencyLimit[]): LiveReport {
    const report = {
      segmentId,
      atMs: nowUs / 1000,
      intervalMs: (nowUs - this.#sinceUs) / 1000,
      outcomes: [...this.#outcomes],
      latency: this.#latency.toSparse(),
      slow: [...this.#slow],
    };
    this.restart(nowUs, limits);
    return report;
  }

  restart(nowUs: number, limits: readonly LatencyLimit[]): void {
    this.#slow = new Float64Array(limits.length);
    this.#nameLimits = this.#names.map((name) =>
      Float64Array.from(limits, ({ request, limitUs }) =>
        request === null || request === name ? limitUs : Number.POSITIVE_INFINITY,
      ),
    );
    this.#outcomes.fill(0);
    this.#latency.clear();
    this.#sinceUs = nowUs;
  }
}
