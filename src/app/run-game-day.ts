import { join, resolve } from "node:path";
import { lockName } from "../gameday/lock-name.js";
import type { GameDay } from "../gameday/read-game-day.js";
import { DEFAULT_FAIL_ON, exitCodeFor } from "../report/fail-on.js";
import { parseReporters } from "../report/parse-reporters.js";
import type { Reporter } from "../report/reporter.js";
import type { GameDayOutcome } from "../schedule/game-day-outcome.js";
import { monotonicMs } from "../support/clock.js";
import { EXIT, FaultlineError, worstExit } from "../support/errors.js";
import { LEDGER_FILE } from "./ledger-place.js";
import { atItsPlace } from "./placed-error.js";
import { planScenario } from "./plan-scenario.js";
import { folderName, makeReportFolder } from "./report-folder.js";
import { type FinishedRun, runPlanned } from "./run-planned.js";

export interface RunGameDayOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Reports go to a new folder in FOLDER/<lock name>. */
  readonly reportFolder: string;
  readonly startedAt: Date;
  readonly interrupt: AbortSignal;
  readonly vars: readonly string[];
  readonly allowHosts: readonly string[];
  readonly reporters: readonly Reporter[];
  /** Told of each scenario that has been run, or could not be. */
  readonly onScenario: (file: string, result: FinishedRun | Error) => void;
  readonly onWarning: (text: string) => void;
}

/** Runs the scenarios of a game day in their order. What a scenario meets is part of the outcome, and not thrown. */
export async function runGameDay(gameDay: GameDay, options: RunGameDayOptions): Promise<GameDayOutcome> {
  const beganMs = monotonicMs();
  const parent = join(options.reportFolder, lockName(gameDay.data.name));
  const own = folderName(options.startedAt, gameDay.data.name);
  const { path: folder } = await makeReportFolder(options.cwd, parent, own);
  const codes: number[] = [];
  const scores: number[] = [];
  let verdict: GameDayOutcome["verdict"] = "pass";
  for (const file of gameDay.scenarios) {
    if (options.interrupt.aborted) break;
    const run = await runOne(file, folder, options);
    options.onScenario(file, run);
    const code = run instanceof Error ? codeOf(run) : run.error === null ? exitOf(run) : codeOf(run.error);
    const worst = worstExit([...codes, code]);
    if (codes.length === 0 || worst !== worstExit(codes)) verdict = verdictOf(run);
    codes.push(code);
    if (!(run instanceof Error) && run.report.score) scores.push(run.report.score.value);
    if (code !== EXIT.ok && gameDay.data.onFailure === "stop") break;
  }
  const wasCut = options.interrupt.aborted;
  return {
    verdict: wasCut ? "interrupted" : verdict,
    exitCode: worstExit(wasCut ? [...codes, EXIT.interrupted] : codes),
    score: scores.length === 0 ? null : Math.min(...scores),
    durationMs: Math.round(monotonicMs() - beganMs),
    folder,
  };
}

async function runOne(
  file: string,
  folder: string,
  options: RunGameDayOptions,
): Promise<FinishedRun | Error> {
  const { env, cwd, reportFolder, interrupt, vars, allowHosts, reporters, onWarning } = options;
  try {
    const { result } = await planScenario(file, { env, cwd, vars, allowHosts });
    if (result instanceof Error) return result;
    try {
      return await runPlanned(result, {
        env,
        cwd,
        folder: { parent: folder, own: true },
        ledger: resolve(cwd, reportFolder, LEDGER_FILE),
        files: parseReporters(undefined, cwd),
        reporters,
        interrupt,
        mayRetry: true,
        onWarning,
      });
    } catch (error) {
      throw atItsPlace(error, result.placeOfEndpoint);
    }
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function verdictOf(run: FinishedRun | Error): GameDayOutcome["verdict"] {
  return run instanceof Error ? "error" : run.report.verdict;
}

function exitOf({ report }: FinishedRun): number {
  return exitCodeFor(report, DEFAULT_FAIL_ON);
}

/** A bug counts as what it is for `run`. */
function codeOf(error: unknown): number {
  return error instanceof FaultlineError ? error.exitCode : EXIT.undecided;
}
