import { sleep } from "../support/clock.js";
import type { SchedulerClock } from "./scheduler-options.js";

/** The wall clock may be set, and a machine may sleep. So no single wait is longer than this. */
const LONGEST_WAIT_MS = 10_000;

export const realClock: SchedulerClock = {
  nowMs: () => Date.now(),
  async waitUntil(atMs, signal) {
    while (!signal.aborted && atMs > Date.now()) {
      const waitMs = Math.min(atMs - Date.now(), LONGEST_WAIT_MS);
      await sleep(waitMs, signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
  },
};
