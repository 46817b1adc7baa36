/** From the watchdog, on its stdout: everything that it needs is loaded. */
export const WATCHDOG_READY = "ready\n";

/** From the watchdog: the run has stood still for too long, and its faults are being taken out from now on. */
export const WATCHDOG_LAPSED = "lapsed\n";

/** From the watchdog, after that: it no longer touches the faults. */
export const WATCHDOG_LIFTED = "lifted\n";

/** To the watchdog, on its stdin, again and again: the run goes on. */
export const WATCHDOG_BEAT = "beat\n";

/** To the watchdog, before the end: nothing is left to be undone. */
export const WATCHDOG_DONE = "done\n";
