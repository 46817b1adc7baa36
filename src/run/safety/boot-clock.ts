import { readFileSync } from "node:fs";

/**
 * Milliseconds of a clock that never goes back. On Linux it goes on while the machine sleeps, which the monotonic clock
 * does not; all processes of the machine see the same.
 */
export function msSinceBoot(): number {
  try {
    // proc_uptime(5): seconds, with two digits after the point.
    return Math.round(Number.parseFloat(readFileSync("/proc/uptime", "latin1")) * 1000);
  } catch {
    return performance.now();
  }
}
