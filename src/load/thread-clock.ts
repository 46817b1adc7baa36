import { performance } from "node:perf_hooks";
import { monotonicMs } from "../support/clock.js";

/**
 * `performance.now()` costs a tenth of `process.hrtime.bigint()` but counts from the thread's start. The smallest of
 * several differences is the one that was least disturbed between its two readings.
 */
const OFFSET_MS = Math.min(
  ...Array.from({ length: 50 }, () => {
    const before = performance.now();
    return monotonicMs() - before;
  }),
);

/** Microseconds on the clock of `monotonicMs()`, which all threads share. */
export function nowUs(): number {
  return (performance.now() + OFFSET_MS) * 1000;
}
