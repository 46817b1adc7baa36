/** The middle of some values, and how far they lie apart. */
export interface Spread {
  readonly median: number;
  /** Between the first and the third quarter. */
  readonly quarters: number;
  /** A quarter of the values is above this one. */
  readonly high: number;
  readonly count: number;
}

/** @returns null when there are none. */
export function spreadOf(values: readonly number[]): Spread | null {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  const [low, median, high] = [at(0.25), at(0.5), at(0.75)];
  if (low === undefined || median === undefined || high === undefined) return null;
  return { median, quarters: high - low, high, count: sorted.length };
}
