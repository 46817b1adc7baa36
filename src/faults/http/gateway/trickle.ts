/** Pieces come no closer together than this. */
const LEAST_GAP_MS = 20;

/** Sends bytes in small pieces over a time, then calls `done`. At once where the time is 0. */
export type Trickle = (bytes: Buffer, overMs: number, done: () => void) => void;

export function trickleBy(
  send: (bytes: Buffer) => void,
  after: (ms: number, work: () => void) => void,
): Trickle {
  return (bytes, overMs, done) => {
    const pieces = Math.max(1, Math.min(bytes.length, Math.floor(overMs / LEAST_GAP_MS)));
    const size = Math.ceil(bytes.length / pieces);
    const next = (at: number) => {
      send(bytes.subarray(at, at + size));
      if (at + size >= bytes.length) done();
      else after(overMs / pieces, () => next(at + size));
    };
    // The first byte waits as the others do.
    after(overMs / pieces, () => next(0));
  };
}
