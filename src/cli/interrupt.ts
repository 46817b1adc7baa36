import { EXIT } from "../support/errors.js";
import type { Io } from "./io.js";

/** Turns Ctrl-C, SIGTERM and a crash into an abort; a second Ctrl-C leaves at once. */
export function interruptOf(io: Io): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const release = io.onSignal((signal) => {
    if (controller.signal.aborted) {
      io.stderr.write("leaving at once; run `faultline heal` to undo what is left\n");
      io.exitNow(EXIT.interrupted);
      return;
    }
    io.stderr.write(`\n${signal}: undoing faults and stopping services (again: leave at once)\n`);
    controller.abort(signal);
  });
  return { signal: controller.signal, release };
}
