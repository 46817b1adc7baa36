import { TimeHistogram } from "../../measure/histogram.js";
import type { LatencyLimit } from "../../measure/latency-limits.js";
import { OUTCOMES } from "../../measure/outcome.js";
import { OUTCOME } from "../../measure/segment-recorder.js";
import type { LiveReport } from "./messages.js";

const KINDS = OUTCOMES.length;

/** What ended since the last report, for the screen and for abort conditions. */
export class LiveCounters {
  readonly #names: readonly string[];
  /** For each request name its kinds of outcome, one name after the other. */
  readonly #outcomes: Float64Array;
  readonly #latency = new TimeHistogram();
  #limits: readonly LatencyLimit[] = [];
  #slow = new Float64Array(0);
  #scheduled = 0;
  #sinceUs = 0;

  constructor(requestNames: readonly string[]) {
    this.#names = requestNames;
    this.#outcomes = new Float64Array(requestNames.length * KINDS);
  }

  get sinceUs(): number {
    return this.#sinceUs;
  }

  scheduled(): void {
    this.#scheduled++;
  }

  /** Not ok. `name` is the number of the request's name. */
  ended(name: number, outcome: number): void {
    this.#outcomes[name * KINDS + outcome]!++;
  }

  ok(name: number, latencyUs: number): void {
    this.#outcomes[name * KINDS + OUTCOME.ok]!++;
    this.#latency.record(latencyUs);
    for (let i = 0; i < this.#limits.length; i++) {
      const limit = this.#limits[i]!;
      if (latencyUs <= limit.limitUs) continue;
      if (limit.request === null || limit.request === this.#names[name]) this.#slow[i]!++;
    }
  }

  /** Reports and begins anew, with the limits of the segment that is current now. */
  take(segmentId: string, nowUs: number, inFlight: number, limits: readonly LatencyLimit[]): LiveReport {
    const report = {
      segmentId,
      atMs: nowUs / 1000,
      intervalMs: (nowUs - this.#sinceUs) / 1000,
      scheduled: this.#scheduled,
      outcomes: [...this.#outcomes],
      inFlight,
      latency: this.#latency.toSparse(),
      slow: [...this.#slow],
    };
    this.restart(nowUs, limits);
    return report;
  }

  restart(nowUs: number, limits: readonly LatencyLimit[]): void {
    this.#limits = limits;
    if (this.#slow.length === limits.length) this.#slow.fill(0);
    else this.#slow = new Float64Array(limits.length);
    this.#outcomes.fill(0);
    this.#latency.clear();
    this.#scheduled = 0;
    this.#sinceUs = nowUs;
  }
}
