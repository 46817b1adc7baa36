/** What metrics are worked out from: (due, bad) per second, whoever counted them. */

/** One entry a second; `bad` never exceeds `due`. */
export interface BadSeries {
  readonly due: readonly number[];
  readonly bad: readonly number[];
}

/** Failures count as longer than anything: "inf" where too many failed; null where nothing was due. */
export type Latency = number | "inf" | null;

/** One stretch of time. `request` is a request's name; null: all requests. */
export interface Observations {
  /** Over the whole stretch. */
  counts(request: string | null): { readonly scheduled: number; readonly ok: number };
  /** Good answers a second. */
  goodPerS(request: string | null): number;
  /**
   * The least latency in ms that a share `q` of all requests kept to.
   * @throws where latencies were recorded and cannot be read.
   */
  quantile(request: string | null, q: number): Latency;
}
