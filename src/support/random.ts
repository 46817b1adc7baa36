/** A source of uniform numbers in [0, 1). */
export type Random = () => number;

/**
 * Mulberry32: 32 bits of state, the same sequence for the same seed on every platform. Good enough for arrival times,
 * weights and jitter. Not for secrets.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Streams that do not meet: with 128 bits of state, the numbers of other keys are others for as long as anyone draws.
 * sfc32 of Chris Doty-Humphrey's PractRand (public domain); not for secrets.
 *
 * @param keys whole numbers, such as a seed, what it is for, and whose.
 */
export function seededStream(...keys: readonly number[]): Random {
  let [a, b, c, counter] = [0, 0, 0, 1];
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4294967296;
  };
  for (const key of keys) {
    a ^= key;
    // As many rounds as its author uses to spread a seed over the state.
    for (let round = 0; round < 12; round++) next();
  }
  return next;
}
