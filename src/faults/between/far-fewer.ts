/** What a share surely would have come to. */

/** Requests that come while the runtime changes are counted, and meet no fault yet. */
const LEAST_PART = 0.8;
const NO_CHANCE = 1e-6;

/** For people: "30%", "all". */
export function shareShown(share: number): string {
  return share === 1 ? "all" : `${Number((share * 100).toPrecision(6))}%`;
}

/**
 * Whether so few of these requests are no chance, when each of them meets a fault with this share (0..1), or nearly. By
 * Chernoff's bound: P(X ≤ k) ≤ exp(−n·D), D = a·ln(a/p) + (1−a)·ln((1−a)/(1−p)), for X ~ Binomial(n, p) and a = k/n < p.
 */
export function isFarFewer(acted: number, requests: number, share: number): boolean {
  const least = share * LEAST_PART;
  const found = acted / requests;
  if (requests <= 0 || found >= least) return false;
  const part = (ratio: number, asked: number) => (ratio === 0 ? 0 : ratio * Math.log(ratio / asked));
  const divergence = part(found, least) + part(1 - found, 1 - least);
  return Math.exp(-requests * divergence) < NO_CHANCE;
}
