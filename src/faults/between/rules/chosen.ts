import type { Random } from "../../../support/random.js";

/** Which of the requests that a rule is for it acts on: one of these, or all. */
export interface Selection {
  readonly share?: number | undefined;
  readonly first?: number | undefined;
  readonly every?: number | undefined;
  /** Those beyond so many a second. */
  readonly abovePerS?: number | undefined;
}

/** Asked once for each request that a rule is for, in their order. */
type Chosen = (nowMs: number) => boolean;

export function chosenBy({ share, first, every, abovePerS }: Selection, random: Random): Chosen {
  if (share !== undefined) return () => random() < share;
  let count = 0;
  if (first !== undefined) return () => ++count <= first;
  if (every !== undefined) return () => ++count % every === 0;
  if (abovePerS !== undefined) return beyond(abovePerS);
  return () => true;
}

const SECOND_MS = 1000;

/** Lets so many through in any second, and chooses the others. Below one a second: one in the time that it stands for. */
function beyond(perS: number): Chosen {
  const most = Math.max(1, Math.round(perS));
  const windowMs = (SECOND_MS * most) / perS;
  /** When the last `most` requests were let through, the oldest at `next`. */
  const passedMs = new Float64Array(most).fill(Number.NEGATIVE_INFINITY);
  let next = 0;
  return (nowMs) => {
    if (nowMs - passedMs[next]! < windowMs) return true;
    passedMs[next] = nowMs;
    next = (next + 1) % most;
    return false;
  };
}
