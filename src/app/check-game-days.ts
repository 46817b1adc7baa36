import { lockName } from "../gameday/lock-name.js";
import { type GameDay, readGameDay } from "../gameday/read-game-day.js";
import type { CheckScenarioOptions } from "../plan/check-scenario.js";
import { type Diagnostic, Diagnostics } from "../scenario/diagnostics/diagnostic.js";
import { checkSchedule } from "../schedule/due/check-schedule.js";
import { DueRuns, scheduleOf } from "../schedule/due/due-runs.js";
import { shownTime } from "../schedule/due/local-time.js";
import { countOf } from "../support/count-of.js";
import { FaultlineError } from "../support/errors.js";
import { hostOf, isAllowedHost } from "../support/hosts.js";
import { checkFile, type FileCheck, unreadable } from "./check-file.js";

export interface CheckGameDaysOptions
  extends Pick<CheckScenarioOptions, "env" | "cwd" | "vars" | "allowHosts"> {
  readonly nowMs: number;
}

export interface GameDayCheck extends FileCheck {
  /** null when it is not valid. */
  readonly gameDay: GameDay | null;
}

/**
 * Checks game days with their schedules and scenarios, and against each other. A file that cannot be read is a
 * diagnostic as well.
 */
export async function checkGameDays(
  files: readonly string[],
  options: CheckGameDaysOptions,
): Promise<readonly GameDayCheck[]> {
  const locks = new Map<string, GameDay>();
  const checks: GameDayCheck[] = [];
  for (const file of files) checks.push(await checkOne(file, locks, options));
  return checks;
}

async function checkOne(
  file: string,
  locks: Map<string, GameDay>,
  options: CheckGameDaysOptions,
): Promise<GameDayCheck> {
  const diagnostics = new Diagnostics();
  try {
    const gameDay = await readGameDay(file, options, diagnostics);
    const ofScenarios: Diagnostic[] = [];
    if (gameDay) {
      checkSchedule(gameDay, options.nowMs, diagnostics);
      checkLock(gameDay, locks, diagnostics);
      checkHosts(gameDay, options.allowHosts ?? [], diagnostics);
      for (const index of gameDay.scenarios.keys()) {
        ofScenarios.push(...(await checkItsScenario(gameDay, index, options, diagnostics)));
      }
    }
    const valid = gameDay !== null && !diagnostics.hasErrors;
    return {
      file,
      valid,
      diagnostics: [...diagnostics.list(gameDay?.secrets), ...ofScenarios],
      dropped: diagnostics.dropped,
      summary: valid ? summaryOf(gameDay, options.nowMs) : null,
      gameDay: valid ? gameDay : null,
    };
  } catch (error) {
    if (!(error instanceof FaultlineError)) throw error;
    const diagnostic = unreadable(file, error);
    return { file, valid: false, diagnostics: [diagnostic], dropped: 0, summary: null, gameDay: null };
  }
}

/** A game day's name also names its locks, its reports and its memory. */
function checkLock(gameDay: GameDay, locks: Map<string, GameDay>, diagnostics: Diagnostics): void {
  const lock = lockName(gameDay.data.name);
  const other = locks.get(lock);
  if (other && other.file !== gameDay.file) {
    const message = `${other.file} is called \`${other.data.name}\`, so both have the lock \`${lock}\``;
    diagnostics.error("duplicate", gameDay.placeOf("name"), message, "Give each game day a name of its own.");
  }
  locks.set(lock, gameDay);
}

/**
 * Conditions ask this machine only, unless the caller names other hosts. The team has written down whom webhooks tell.
 */
function checkHosts(gameDay: GameDay, allowed: readonly string[], diagnostics: Diagnostics): void {
  for (const [index, { http }] of gameDay.data.preflight.entries()) {
    if (http === undefined || !URL.canParse(http)) continue;
    const host = hostOf(new URL(http));
    if (isAllowedHost(host, allowed)) continue;
    const help = `If it may be asked, allow it: --allow-host ${host}.`;
    const place = gameDay.placeOf("preflight", index, "http");
    diagnostics.error("host-not-allowed", place, `${host} is not this machine`, help);
  }
}

/** What is wrong with the scenario itself. The game day's own place for it says so, too. */
async function checkItsScenario(
  gameDay: GameDay,
  index: number,
  options: CheckGameDaysOptions,
  diagnostics: Diagnostics,
): Promise<readonly Diagnostic[]> {
  const file = gameDay.scenarios[index] ?? "";
  const check = await checkFile(file, { ...options, vars: [], set: [] });
  if (check.valid) return [];
  const errors = check.diagnostics.filter(({ severity }) => severity === "error");
  const place = gameDay.placeOf("scenarios", index);
  const [first] = errors;
  if (first?.code === "file" && first.frame === "") {
    diagnostics.error("file", place, first.message, "A path is relative to the file that it is written in.");
    return [];
  }
  diagnostics.error("file", place, `${file} is not a valid scenario: ${countOf(errors.length, "error")}`);
  return errors;
}

function summaryOf(gameDay: GameDay, nowMs: number): string {
  const scenarios = countOf(gameDay.scenarios.length, "scenario");
  const schedule = scheduleOf(gameDay);
  if (schedule === null) return `a game day of ${scenarios}, not scheduled`;
  const runs = new DueRuns(schedule);
  let due = runs.startingAfter(nowMs);
  while (due?.quiet) due = runs.after(due.nominalMs);
  const next = due === null ? "" : `, next on ${shownTime(due.startMs, schedule.timezone)}`;
  return `a game day of ${scenarios}${next}`;
}
