/**
 * Does a value rise or fall over the runs by more than noise? Kendall's S with a permutation test. See docs/ledger.md.
 */

import { seededRandom } from "../../support/random.js";

/** A value that is only known to lie between two others: above `low`, at most `high`. */
export interface Between {
  readonly low: number;
  readonly high: number;
}

export interface RankTrend {
  /** null: no more than noise, or too few values to tell. */
  readonly direction: "up" | "down" | null;
  /** How often chance alone gives an order as clear as this one. null: too few values. */
  readonly p: number | null;
}

/** Six values are enough: chance gives the clearest order 2 times in 720. */
export const FEWEST_FOR_TREND = 6;
/** A trend is told when at most this share of histories without a trend would by chance show one as clear. */
export const TREND_ALARM_RATE = 0.01;

const PERMUTATIONS = 1_999;

/**
 * S is the number of pairs whose later value is greater, minus the number whose later value is smaller. Values that may
 * be equal count nothing. Without a trend every order is as likely, so p is the share of shuffled orders with an |S| as
 * great.
 */
export function rankTrend(values: readonly Between[]): RankTrend {
  if (values.length < FEWEST_FOR_TREND) return { direction: null, p: null };
  const signs = values.map((one) => values.map((other) => signOf(one, other)));
  const order = values.map((_, index) => index);
  const found = sumOf(signs, order);
  const random = seededRandom(values.length);
  let asClear = 1;
  for (let n = 0; n < PERMUTATIONS; n += 1) {
    shuffle(order, random);
    if (Math.abs(sumOf(signs, order)) >= Math.abs(found)) asClear += 1;
  }
  const p = asClear / (PERMUTATIONS + 1);
  if (p > TREND_ALARM_RATE) return { direction: null, p };
  return { direction: found > 0 ? "up" : "down", p };
}

/** 1: `other` is surely greater. */
function signOf(one: Between, other: Between): number {
  if (other.low >= one.high) return 1;
  return other.high <= one.low ? -1 : 0;
}

function sumOf(signs: readonly (readonly number[])[], order: readonly number[]): number {
  let sum = 0;
  for (let later = 1; later < order.length; later += 1) {
    for (let earlier = 0; earlier < later; earlier += 1) {
      sum += signs[order[earlier] ?? 0]?.[order[later] ?? 0] ?? 0;
    }
  }
  return sum;
}

/** The shuffle of Fisher and Yates. */
function shuffle(order: number[], random: () => number): void {
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const kept = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = kept;
  }
}
