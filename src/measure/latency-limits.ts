/** A latency limit that is counted at the moment an answer comes. `request` null: for all names. */
export interface LatencyLimit {
  readonly request: string | null;
  readonly limitUs: number;
}

/** The distinct limits that are counted for one request name, ascending, in µs: its own and those for all names. */
export function limitsOf(request: string | null, limits: readonly LatencyLimit[]): number[] {
  const own = limits.filter((limit) => limit.request === null || limit.request === request);
  return [...new Set(own.map((limit) => limit.limitUs))].sort((a, b) => a - b);
}
