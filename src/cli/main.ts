import { Command, CommanderError } from "commander";
import { toolVersion } from "../app/tool-version.js";
import { EXIT, FaultlineError, worstExit } from "../support/errors.js";
import { COMMANDS } from "./commands.js";
import { reportError } from "./output/report-error.js";
import { heardSignals, isUnderNohup } from "./process/hang-up.js";
import { harmlessIo } from "./process/harmless-io.js";
import type { Io, SignalListener } from "./process/io.js";
import { openProduct } from "./process/product.js";

/** Runs one command line. Resolves with the exit code. Never throws for a user's mistake. */
export async function main(args: readonly string[], process: Io): Promise<number> {
  const io = harmlessIo(process);
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
      getOutHelpWidth: () => io.stdout.columns || 80,
      getErrHelpWidth: () => io.stderr.columns || 80,
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

/** A crashed command may take this long to undo what it did. After that a run's watchdog does it. */
const CRASH_GRACE_MS = 10_000;
/** A handle that nobody closed must not keep the shell waiting. */
const LINGER_MS = 2_000;

/** The real process around `main`. Only this function ends it. */
export async function runAsProcess(): Promise<void> {
  const listeners = new Set<SignalListener>();
  const product = openProduct(process.stdout);
  const io: Io = {
    stdin: process.stdin,
    stdout: product.stream,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    onSignal(listener) {
      listeners.add(listener);
      const heard = heardSignals();
      for (const signal of heard) process.on(signal, listener);
      return () => {
        listeners.delete(listener);
        for (const signal of heard) process.off(signal, listener);
      };
    },
    exitNow: (code) => process.exit(code),
  };
  // A reader that went away (`| head`) is no reason to leave a fault in place.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  // Without this Node would end at once, even under nohup: it takes back what nohup has set.
  if (isUnderNohup()) process.on("SIGHUP", () => {});

  let crashed = false;
  process.on("uncaughtException", (error) => {
    reportError(error, harmlessIo(io), { verbose: process.argv.includes("--verbose") });
    if (crashed) return;
    crashed = true;
    process.exitCode = EXIT.undecided;
    for (const listener of listeners) listener("SIGTERM");
    setTimeout(() => process.exit(EXIT.undecided), listeners.size === 0 ? 0 : CRASH_GRACE_MS).unref();
  });
  let exitCode = await main(process.argv.slice(2), io);
  const unwritten = await product.finish();
  if (unwritten !== null) {
    const error = new FaultlineError("OUTPUT_UNWRITABLE", `stdout could not be written: ${unwritten}`);
    exitCode = worstExit([exitCode, reportError(error, harmlessIo(io), { verbose: false })]);
  }
  process.exitCode = crashed ? EXIT.undecided : exitCode;
  setTimeout(() => process.exit(), LINGER_MS).unref();
}
