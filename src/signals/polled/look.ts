import type { SignalTrouble } from "../../slo/signal-trouble.js";

/** What one answer held. */
export type SignalLook =
  | { readonly kind: "value"; readonly value: number }
  | { readonly kind: "counters"; readonly bad: Counters; readonly total: Counters }
  | { readonly kind: "trouble"; readonly trouble: SignalTrouble };

export function troubled(trouble: SignalTrouble): SignalLook {
  return { kind: "trouble", trouble };
}

/** Counters that only grow, each by its series. */
export type Counters = ReadonlyMap<string, number>;

export interface Increase {
  readonly count: number;
  /** Some counter began anew, or went away: what it had counted in between is not known. */
  readonly isAnew: boolean;
}

/** What counters have counted between two looks. A series that is new has begun at 0. */
export function increase(before: Counters, now: Counters): Increase {
  let count = 0;
  let isAnew = false;
  for (const [series, value] of now) {
    const known = before.get(series) ?? 0;
    if (value < known) isAnew = true;
    count += value < known ? value : value - known;
  }
  for (const series of before.keys()) isAnew ||= !now.has(series);
  return { count, isAnew };
}
