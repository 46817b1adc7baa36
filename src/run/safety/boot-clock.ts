import { readFileSync } from "node:fs";

/**
 * Milliseconds on a clock that never goes back. All processes of the machine see the same time. On Linux it goes on
 * while the machine sleeps; the monotonic clock does not.
 */
export function msSinceBoot(): number {
  try {
    // proc_uptime(5): seconds, with two digits after the point.
    return Math.round(Number.parseFloat(readFileSync("/proc/uptime", "latin1")) * 1000);
  } catch {
    return performance.now();
  }
}
