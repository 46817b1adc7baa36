/** The largest weight that an HTTPRoute takes. */
const LARGEST = 1_000_000;
/** Shares are exact to this part. */
const PARTS = 1_000_000;

export interface SplitWeights {
  /** Of those that were there, in their order. */
  readonly others: readonly number[];
  readonly failing: number;
}

/**
 * Whole weights that give one more backend a share of the requests, and leave the others what they have among themselves.
 * @param weights of which at least one is above 0.
 * @param share above 0, below 1.
 */
export function splitWeights(weights: readonly number[], share: number): SplitWeights {
  const part = Math.min(PARTS - 1, Math.max(1, Math.round(share * PARTS)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const all = [total * part, ...weights.map((weight) => weight * (PARTS - part))];
  const divisor = all.reduce(greatestCommonDivisor);
  const tooLarge = Math.max(1, Math.max(...all) / divisor / LARGEST);
  // None that gets requests gets none for being rounded.
  const [failing = 1, ...others] = all.map((weight) =>
    weight === 0 ? 0 : Math.max(1, Math.round(weight / divisor / tooLarge)),
  );
  return { others, failing };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
