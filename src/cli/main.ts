import { Command, CommanderError } from "commander";
import { EXIT } from "../support/errors.js";
import { COMMANDS } from "./commands.js";
import type { Io } from "./io.js";
import { reportError } from "./report-error.js";
import { toolVersion } from "./version.js";

/** Runs one command line. Resolves with the exit code; never throws for what a user did. */
export async function main(args: readonly string[], io: Io): Promise<number> {
  let exitCode: number = EXIT.ok;
  const program = new Command("faultline")
    .description("Does your service keep its promises while a dependency is slow, cut off or failing?")
    .version(toolVersion(), "-V, --version", "print the version")
    .option("--verbose", "show stack traces of unexpected errors")
    .option("--no-color", "no colour (also: NO_COLOR)")
    .showHelpAfterError("(add --help for options and examples)")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => io.stdout.columns ?? 80,
      getErrHelpWidth: () => io.stderr.columns ?? 80,
    });
  for (const register of COMMANDS) {
    register(program, io, (code) => {
      exitCode = code;
    });
  }
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return reportError(error, io, { verbose: args.includes("--verbose") });
  }
}

/** The real process around `main`; the only place that ends it. */
export async function runAsProcess(): Promise<void> {
  // Nothing can be trusted any more, so it ends at once; what a run has done is undone by its watchdog.
  process.on("uncaughtException", (error) => {
    process.exit(reportError(error, process, { verbose: process.argv.includes("--verbose") }));
  });
  // Who reads our output may stop (`| head`), which is no reason to leave a run half done.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  const io: Io = {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    onSignal(listener) {
      process.on("SIGINT", listener);
      process.on("SIGTERM", listener);
      return () => {
        process.off("SIGINT", listener);
        process.off("SIGTERM", listener);
      };
    },
    exitNow: (code) => process.exit(code),
  };
  process.exitCode = await main(process.argv.slice(2), io);
}
