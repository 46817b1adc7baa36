/** From the watchdog, on its stdout: everything that it needs is loaded. */
export const WATCHDOG_READY = "ready\n";

/** To the watchdog, on its stdin, before the end: nothing is left to be undone. */
export const WATCHDOG_DONE = "done\n";
