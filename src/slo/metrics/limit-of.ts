/** A latency target in whole microseconds, as they are counted. */
export function limitOf(targetMs: number): number {
  return Math.round(targetMs * 1000);
}
