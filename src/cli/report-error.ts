import { EXIT, FaultlineError } from "../support/errors.js";
import type { Io } from "./io.js";

/** Prints an error the way all commands do and returns its exit code. */
export function reportError(
  error: unknown,
  io: Pick<Io, "stderr">,
  options: { readonly verbose: boolean },
): number {
  if (error instanceof FaultlineError) {
    io.stderr.write(`error: ${error.message}\nhint: ${error.hint}\n`);
    return error.exitCode;
  }
  const detail = error instanceof Error ? (options.verbose ? error.stack : error.message) : String(error);
  io.stderr.write(`error: this is a bug in faultline: ${detail}\n`);
  io.stderr.write("hint: Run it again with --verbose and report the output together with the scenario.\n");
  return EXIT.undecided;
}
