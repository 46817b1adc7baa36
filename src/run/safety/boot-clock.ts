import { readFileSync } from "node:fs";

/** How far the clock of the boot was ahead of this process's own when both were last read. null: it was never to be read. */
let aheadMs: number | null = null;

/**
 * Milliseconds on a clock that never goes back. All processes of the machine see the same time. On Linux it goes on
 * while the machine sleeps; the monotonic clock does not.
 */
export function msSinceBoot(): number {
  try {
    // proc_uptime(5): seconds, with two digits after the point.
    const atMs = Math.round(Number.parseFloat(readFileSync("/proc/uptime", "latin1")) * 1000);
    aheadMs = atMs - performance.now();
    return atMs;
  } catch {
    // Other systems have no such file. On Linux this process has no free file descriptor for it at the moment: another
    // clock's time would look like a jump of hours.
    return performance.now() + (aheadMs ?? 0);
  }
}
