import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Report } from "../analysis/model.js";
import { dryRunText } from "../plan/dry-run-text.js";
import { DEFAULT_FAIL_ON, parseFailOn } from "../report/fail-on.js";
import { parseReporters } from "../report/select.js";
import { parseDuration } from "../scenario/units.js";
import { EXIT, FaultlineError } from "../support/errors.js";
import { decisionsText } from "./decisions.js";
import { interruptOf } from "./interrupt.js";
import type { Io } from "./io.js";
import { reportError } from "./report-error.js";
import { loadPlan, runScenario } from "./run-scenario.js";

export interface RunFlags {
  readonly out?: string;
  readonly json?: boolean;
  readonly reporter?: string;
  readonly dryRun?: boolean;
  readonly only?: readonly string[];
  readonly set?: readonly string[];
  readonly var?: readonly string[];
  readonly seed?: number;
  readonly evidence?: "interval" | "observed";
  readonly toxiproxy?: string;
  readonly allowHost?: readonly string[];
  readonly maxDuration?: string;
  readonly failOn?: string;
  readonly baseline?: string;
  readonly color?: boolean;
  readonly verbose?: boolean;
}

/** What became of one scenario. */
export interface ScenarioResult {
  readonly file: string;
  readonly exitCode: number;
  /** null when it could not begin. */
  readonly report: Report | null;
}

/** From harmless to worst; the worst of several runs is the command's exit code. */
const EXIT_SEVERITY: readonly number[] = [
  EXIT.ok,
  EXIT.undecided,
  EXIT.sloBroken,
  EXIT.usage,
  EXIT.environment,
  EXIT.interrupted,
  EXIT.rollbackFailed,
];

/** Runs the scenarios one after another. Resolves with the worst exit code. */
export async function runScenarios(paths: readonly string[], flags: RunFlags, io: Io): Promise<number> {
  const files = (await Promise.all(paths.map((path) => scenarioFiles(path, io)))).flat();
  if (flags.dryRun) return dryRun(files, flags, io);
  const checked = {
    flags,
    reporters: parseReporters(flags.reporter, io.cwd),
    failOn: flags.failOn === undefined ? DEFAULT_FAIL_ON : parseFailOn(flags.failOn),
    maxDurationMs: maxDurationMs(flags.maxDuration),
    several: files.length > 1,
  };
  const interrupt = interruptOf(io);
  const results: ScenarioResult[] = [];
  try {
    for (const file of files) {
      if (interrupt.signal.aborted) break;
      results.push(await runScenario(file, { ...checked, interrupt: interrupt.signal }, io));
    }
  } finally {
    interrupt.release();
  }
  return worst(results.map((result) => result.exitCode));
}

/** Prints what would be done; nothing is started. */
async function dryRun(files: readonly string[], flags: RunFlags, io: Io): Promise<number> {
  const codes: number[] = [];
  for (const file of files) {
    try {
      const plan = await loadPlan(file, flags, io);
      io.stdout.write(`${dryRunText(plan)}${decisionsText(plan)}`);
    } catch (error) {
      codes.push(reportError(error, io, { verbose: flags.verbose ?? false }));
    }
  }
  return worst(codes);
}

function maxDurationMs(text: string | undefined): number | null {
  if (text === undefined) return null;
  const duration = parseDuration(text);
  if (duration) return duration.ms;
  throw new FaultlineError("USAGE", `--max-duration: expected a duration such as 10m, not "${text}"`);
}

function worst(codes: readonly number[]): number {
  const rank = (code: number) => EXIT_SEVERITY.indexOf(code);
  return codes.reduce((a, b) => (rank(b) > rank(a) ? b : a), EXIT.ok);
}

/** A folder stands for the .yaml and .yml files in it; a shipped example is found from anywhere. */
async function scenarioFiles(path: string, io: Io): Promise<string[]> {
  const kind = await stat(resolve(io.cwd, path)).catch(() => null);
  if (kind?.isDirectory()) {
    const names = (await readdir(resolve(io.cwd, path))).filter((name) => /\.ya?ml$/.test(name)).sort();
    if (names.length === 0) throw new FaultlineError("FILE_NOT_FOUND", `no .yaml files in ${path}`);
    return names.map((name) => join(path, name));
  }
  if (kind) return [path];
  const shipped = fileURLToPath(
    new URL(`../../scenarios/${path.replace(/^scenarios\//, "")}`, import.meta.url),
  );
  if (/^(scenarios\/)?[\w-]+\.yaml$/.test(path) && (await stat(shipped).catch(() => null))?.isFile()) {
    io.stderr.write(`${path} is not in this folder; using the example that comes with faultline\n`);
    return [shipped];
  }
  throw new FaultlineError("FILE_NOT_FOUND", `${path}: no such file`);
}
