import { EXIT, FaultlineError } from "../../support/errors.js";
import { harmlessJson } from "../../support/printable.js";
import { describeLimit, isLimitCode, lacksOpenFiles } from "../../support/system-limits.js";
import { harmlessIo } from "../process/harmless-io.js";
import type { Io } from "../process/io.js";

/** What `--json` prints when there is no report: the same facts as on stderr, with the same secrets taken out. */
export function errorJson(error: unknown, exitCode: number, io: Io): string {
  const known =
    error instanceof FaultlineError ? { code: error.code, hint: error.hint } : { code: "BUG", hint: null };
  const message = harmlessIo(io).clean(error instanceof Error ? error.message : String(error));
  return `${harmlessJson({ verdict: null, exitCode, error: { ...known, message } })}\n`;
}

/** Prints an error the way all commands do, and returns its exit code. */
export function reportError(
  error: unknown,
  io: Pick<Io, "stderr">,
  options: { readonly verbose: boolean },
): number {
  if (error instanceof FaultlineError) {
    const hint = error.hint === null ? "" : `hint: ${error.hint}\n`;
    io.stderr.write(`error: ${error.message}\n${hint}`);
    return error.exitCode;
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  // When Node cannot open a module for want of a descriptor, it says that the module does not exist.
  const isUnread = code === "ERR_MODULE_NOT_FOUND" && lacksOpenFiles();
  if (isLimitCode(code) || isUnread) {
    const why = describeLimit(isUnread ? "EMFILE" : code);
    const limit = new FaultlineError("LIMIT_REACHED", `faultline cannot go on: ${why}`);
    return reportError(limit, io, options);
  }
  const detail = error instanceof Error ? (options.verbose ? error.stack : error.message) : String(error);
  io.stderr.write(`error: this is a bug in faultline: ${detail}\n`);
  io.stderr.write("hint: Run it again with --verbose and report the output together with the scenario.\n");
  return EXIT.undecided;
}
