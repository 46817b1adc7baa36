/** 1 − share, without the digits that binary fractions add: 1 − 0.999 is 0.0010000000000000009. */
export function restOf(share: number): number {
  return Number((1 - share).toPrecision(12));
}
