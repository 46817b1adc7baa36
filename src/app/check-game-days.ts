import { normalize } from "node:path";
import { scenarioOf } from "../gameday/actions/read-actions.js";
import { withMended } from "../gameday/actions/with-mended.js";
import { lockName } from "../gameday/lock-name.js";
import { type GameDay, readGameDay } from "../gameday/read-game-day.js";
import { isPast } from "../gameday/schema/date.js";
import type { CheckScenarioOptions } from "../plan/check-and-plan.js";
import type { LeftToTarget } from "../plan/left-to-target.js";
import { type Diagnostic, Diagnostics } from "../scenario/diagnostics/diagnostic.js";
import { didYouMean } from "../scenario/diagnostics/did-you-mean.js";
import type { Span } from "../scenario/text/source.js";
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
    const left: LeftToTarget[] = [];
    if (gameDay) {
      checkSchedule(gameDay, options.nowMs, diagnostics);
      checkLock(gameDay, locks, diagnostics);
      checkHosts(gameDay, options.allowHosts ?? [], diagnostics);
      const found = await checkItsScenarios(gameDay, options, diagnostics);
      ofScenarios.push(...found.errors);
      left.push(...found.leftToTarget);
    }
    const valid = gameDay !== null && !diagnostics.hasErrors;
    return {
      file,
      valid,
      diagnostics: [...diagnostics.list(gameDay?.secrets), ...ofScenarios],
      dropped: diagnostics.dropped,
      summary: valid ? summaryOf(gameDay, options.nowMs) : null,
      leftToTarget: valid ? left : [],
      faults: null,
      gameDay: valid ? gameDay : null,
    };
  } catch (error) {
    if (!(error instanceof FaultlineError)) throw error;
    const diagnostic = unreadable(file, error);
    const nothing = { dropped: 0, summary: null, leftToTarget: [], faults: null, gameDay: null };
    return { file, valid: false, diagnostics: [diagnostic], ...nothing };
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

interface OfScenarios {
  readonly errors: readonly Diagnostic[];
  readonly leftToTarget: readonly LeftToTarget[];
}

/** What is said of its scenarios themselves, those of mended action items among them. */
async function checkItsScenarios(
  gameDay: GameDay,
  options: CheckGameDaysOptions,
  diagnostics: Diagnostics,
): Promise<OfScenarios> {
  const { actions, folder } = gameDay;
  const whole = withMended(gameDay, actions, options.cwd);
  const ofScenarios: Diagnostic[] = [];
  const left: LeftToTarget[] = [];
  const faultsOf = new Map<string, readonly string[]>();
  for (const [index, file] of whole.scenarios.entries()) {
    const place =
      index < gameDay.scenarios.length
        ? gameDay.placeOf("scenarios", index)
        : placeOfMended(whole.data.scenarios[index] ?? "", gameDay);
    const { errors, faults, leftToTarget } = await checkItsScenario(file, place, options, diagnostics);
    ofScenarios.push(...errors);
    left.push(...leftToTarget.map((one) => ({ scenario: whole.data.scenarios[index] ?? file, ...one })));
    if (faults !== null) faultsOf.set(normalize(whole.data.scenarios[index] ?? ""), faults);
  }
  checkExempt(gameDay, faultsOf, options.nowMs, diagnostics);
  for (const [index, item] of (actions?.items ?? []).entries()) {
    const { fault, status } = item;
    const name = actions === null ? null : scenarioOf(item, actions.path, folder);
    const faults = name === null ? undefined : faultsOf.get(name);
    if (!actions || faults === undefined || fault === undefined || status === "closed") continue;
    refuseUnknownFault(fault, name ?? "", faults, actions.placeOf("items", index, "fault"), diagnostics);
  }
  return { errors: ofScenarios, leftToTarget: left };
}

/** What is exempt must be there, and not be so for ever. */
function checkExempt(
  { data, placeOf }: GameDay,
  faultsOf: ReadonlyMap<string, readonly string[]>,
  nowMs: number,
  diagnostics: Diagnostics,
): void {
  for (const [index, { scenario, fault, owner, expires }] of data.exempt.entries()) {
    if (isPast(expires, nowMs)) {
      const message = `the exemption of \`${fault}\` has expired: ${expires} was its last day`;
      const help = `Mend it and take the exemption out, or agree with ${owner} on a later day.`;
      diagnostics.error("wrong-value", placeOf("exempt", index, "expires"), message, help);
    }
    const faults = faultsOf.get(normalize(scenario));
    if (faults === undefined) continue;
    refuseUnknownFault(fault, scenario, faults, placeOf("exempt", index, "fault"), diagnostics);
  }
}

/** Where the first item stands that is to be run again by this scenario. */
function placeOfMended(name: string, { actions, folder, placeOf }: GameDay): Span {
  const items = actions?.items ?? [];
  const index = items.findIndex((item) => scenarioOf(item, actions?.path ?? "", folder) === name);
  return actions?.placeOf("items", index, "scenario") ?? placeOf("scenarios");
}

function refuseUnknownFault(
  fault: string,
  scenario: string,
  names: readonly string[],
  place: Span,
  diagnostics: Diagnostics,
): void {
  if (names.includes(fault)) return;
  const message = `${scenario} has no fault \`${fault}\`${didYouMean(fault, names)}`;
  const help =
    names.length === 0 ? "It has none." : `It has ${names.map((name) => `\`${name}\``).join(", ")}.`;
  diagnostics.error("unknown-name", place, message, help);
}

/** What is wrong with the scenario itself; that it is wrong stands at the place that names it, too. */
async function checkItsScenario(
  file: string,
  place: Span,
  options: CheckGameDaysOptions,
  diagnostics: Diagnostics,
): Promise<OfScenarios & { readonly faults: readonly string[] | null }> {
  const check = await checkFile(file, { ...options, vars: [], set: [] });
  if (check.valid) return { errors: [], faults: check.faults, leftToTarget: check.leftToTarget };
  const errors = check.diagnostics.filter(({ severity }) => severity === "error");
  const [first] = errors;
  if (first?.code === "file" && first.frame === "") {
    diagnostics.error("file", place, first.message, "A path is relative to the file that it is written in.");
    return { errors: [], faults: null, leftToTarget: [] };
  }
  diagnostics.error("file", place, `${file} is not a valid scenario: ${countOf(errors.length, "error")}`);
  return { errors, faults: null, leftToTarget: [] };
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
