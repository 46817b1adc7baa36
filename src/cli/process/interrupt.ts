import { monotonicMs } from "../../support/clock.js";
import { EXIT } from "../../support/errors.js";
import type { Io } from "./io.js";

/**
 * npm and other wrappers pass on a Ctrl-C that the terminal has already sent to all. A second Ctrl-C by hand takes
 * longer.
 */
const SAME_INTERRUPT_MS = 300;

const OF_A_RUN = {
  first: "undoing faults and stopping services",
  second: "what is left is undone in the background (`faultline heal` tells)",
};

export interface Interrupt {
  /** Its reason is the signal. */
  readonly signal: AbortSignal;
  release(): void;
}

/** Turns Ctrl-C, SIGTERM and SIGHUP into an abort. A second one leaves at once. `says`: what follows each of them. */
export function interruptOf(
  io: Io,
  says: { readonly first: string; readonly second: string } = OF_A_RUN,
): Interrupt {
  const controller = new AbortController();
  let firstMs = 0;
  const release = io.onSignal((signal) => {
    if (controller.signal.aborted) {
      if (monotonicMs() - firstMs < SAME_INTERRUPT_MS) return;
      // Nobody asks for hurry by closing a terminal.
      if (signal === "SIGHUP") return;
      io.stderr.write(`leaving at once; ${says.second}\n`);
      io.exitNow(EXIT.interrupted);
      return;
    }
    firstMs = monotonicMs();
    io.stderr.write(`\n${signal}: ${says.first} (again: leave at once)\n`);
    controller.abort(signal);
  });
  return { signal: controller.signal, release };
}
