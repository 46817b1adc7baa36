import { join } from "node:path";
import type { ActionsFile } from "../../gameday/actions/read-actions.js";
import { withMended } from "../../gameday/actions/with-mended.js";
import type { GameDay } from "../../gameday/read-game-day.js";
import type {
  ActionOfDay,
  ConditionOfDay,
  GameDayReport,
  ScenarioOfDay,
} from "../../gameday/report/game-day-report.js";
import type { RunRecord } from "../../measure/record.js";
import type { Reporter } from "../../report/reporter.js";
import { type HaltOrder, haltText, readHalt, refuseWhileHalted } from "../../run/listening/halt-order.js";
import { listen } from "../../run/listening/listener.js";
import type { Note } from "../../run/listening/note.js";
import { openStateFolder } from "../../run/safety/state-folder.js";
import { monotonicMs } from "../../support/clock.js";
import { EXIT, messageOf } from "../../support/errors.js";
import { harmlessJson } from "../../support/printable.js";
import { redact } from "../../support/redact.js";
import { writeWhole } from "../../support/write-whole.js";
import type { PlannedScenario } from "../plan-to-run.js";
import { makeReportFolder } from "../report-folder.js";
import type { RunFolder } from "../run-planned.js";
import { pickBlindly } from "./blind-pick.js";
import { actionsOfDay, keepDecisions, openActions } from "./day-actions.js";
import type { DayNews } from "./day-news.js";
import { DayNotices } from "./day-notices.js";
import { dayReport } from "./day-report.js";
import { concludeDay } from "./day-verdict.js";
import { codeOf, needlessExemptions } from "./exempt-faults.js";
import { newExerciseId } from "./exercise-id.js";
import { forgetOldDays } from "./forget-old-days.js";
import { lookAtConditions } from "./look-at-conditions.js";
import { runScenarioOfDay } from "./run-scenario-of-day.js";
import { notRun } from "./scenario-of-day.js";
import { writeDebrief } from "./write-debrief.js";

export interface ConductOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** The folder for day.json and a folder of each scenario. `own`: a new one in `parent`, named after the exercise. */
  readonly folder: RunFolder;
  /** Absolute path of the ledger that gets a line for each run. null: none. */
  readonly ledger: string | null;
  readonly allowHosts: readonly string[];
  /** When it is aborted, the scenario that goes on is undone and the rest is not run. */
  readonly interrupt: AbortSignal;
  /** Whether one scenario is picked by chance. Nothing tells which before it is over. */
  readonly isBlind?: boolean;
  /** Reporters that hear of each run, besides the files that are written. */
  readonly reportersOf?: (scenario: PlannedScenario) => readonly Reporter[];
  /** Is called after each scenario. The next one waits for what people have seen. */
  readonly hold?: ((hold: HoldOfDay) => Promise<readonly Note[]>) | undefined;
  readonly tell: (news: DayNews) => void;
}

export interface HoldOfDay {
  /** The scenario that has just ended. */
  readonly file: string;
  /** The file of the next scenario. null: there is none. */
  readonly next: string | null;
  /** When it is aborted, nobody waits any more. */
  readonly signal: AbortSignal;
}

export interface ConductedDay {
  readonly report: GameDayReport;
  /** Absolute; day.json is in it. */
  readonly folder: string;
}

/**
 * Runs a checked game day now: its conditions, then its scenarios in their order. The report says what became of them. An
 * error of a scenario is not thrown.
 * @throws FaultlineError HALTED, STATE_UNUSABLE, REPORT_UNWRITABLE
 */
export async function conductGameDay(gameDay: GameDay, options: ConductOptions): Promise<ConductedDay> {
  const stateFolder = openStateFolder(options.env);
  refuseWhileHalted(stateFolder);
  const startedAt = new Date();
  const exerciseId = newExerciseId(startedAt, gameDay.data.name);
  const { parent, own } = options.folder;
  const { path: folder } = await makeReportFolder(options.cwd, parent, own ? exerciseId : null);
  const onWarning = (text: string) => options.tell({ kind: "warning", text });
  const actions = await openActions(gameDay, options.cwd, onWarning);
  return await new Conductor(withMended(gameDay, actions, options.cwd), {
    ...options,
    actions,
    stateFolder,
    startedAt,
    exerciseId,
    dayFolder: folder,
  }).conduct();
}

interface Circumstances extends ConductOptions {
  readonly stateFolder: string;
  readonly startedAt: Date;
  readonly exerciseId: string;
  readonly dayFolder: string;
  /** The team's action items. null: it keeps no such file. */
  readonly actions: ActionsFile | null;
}

class Conductor {
  readonly #gameDay: GameDay;
  readonly #options: Circumstances;
  readonly #startedMs = monotonicMs();
  readonly #conditions: ConditionOfDay[] = [];
  /** The scenarios that are run, in their order, by their place in the game day. */
  #order: readonly number[];
  #scenarios: ScenarioOfDay[];
  /** The scenarios' records, in the order of `#scenarios`. A note may be about a run that is over. */
  readonly #records: (RunRecord | null)[] = [];
  #blind: NonNullable<GameDayReport["blind"]> | null = null;
  /** Hash of the scenario that was picked. null: all are known. */
  #sealedSha256: string | null = null;
  readonly #notices: DayNotices;
  readonly #actions: readonly ActionOfDay[];
  readonly #notes: Note[] = [];
  readonly #halting = new AbortController();
  /** Is aborted when somebody wants the day to end. The run that goes on hears of a halt by itself, and its record says so. */
  readonly #stop: AbortSignal;
  #halt: HaltOrder | null = null;

  constructor(gameDay: GameDay, options: Circumstances) {
    this.#gameDay = gameDay;
    this.#options = options;
    this.#order = gameDay.scenarios.map((_, index) => index);
    this.#scenarios = this.#order.map((index) => notRun(gameDay, index));
    this.#stop = AbortSignal.any([options.interrupt, this.#halting.signal]);
    this.#actions = actionsOfDay(gameDay, options.actions, options.startedAt.getTime());
    this.#notices = new DayNotices(gameDay, options.exerciseId, options.env);
  }

  async conduct(): Promise<ConductedDay> {
    const { tell, exerciseId, dayFolder, stateFolder, actions } = this.#options;
    const name = redact(this.#gameDay.data.name, this.#gameDay.secrets);
    const hearing = {
      note: (note: Note) => this.#note(note),
      halt: (order: HaltOrder) => this.#haltBy(order),
    };
    const endListening = listen(stateFolder, { id: exerciseId, kind: "game day", name }, hearing);
    try {
      tell({ kind: "begun", exerciseId, folder: dayFolder, actions: this.#actions });
      if (this.#options.isBlind) await this.#pickBlindly();
      if (await this.#mayBegin()) await this.#runScenarios();
      const { verdict, reason } = this.#conclusion();
      if (verdict === "postponed") this.#notices.postponed(reason);
    } finally {
      await endListening();
    }
    const notices = await this.#notices.finish();
    const report: GameDayReport = { ...this.#report(), notices: [...notices] };
    await writeWhole(join(dayFolder, "day.json"), `${harmlessJson(report)}\n`);
    const warn = (text: string) => tell({ kind: "warning", text });
    if (actions) await keepDecisions(actions, report.actions ?? [], exerciseId, warn);
    // This comes before the debrief, which links to earlier days.
    await this.#forget(warn);
    tell({ kind: "ended", report, debrief: await this.#debrief(report) });
    return { report, folder: dayFolder };
  }

  /** Does what `keep` says. A folder from `--out` lies among folders that are not ours, so nothing is removed there. */
  async #forget(warn: (text: string) => void): Promise<void> {
    const { folder, dayFolder, startedAt, tell } = this.#options;
    const { keep, name } = this.#gameDay.data;
    if (keep === undefined || !folder.own) return;
    const count = await forgetOldDays(
      { folder: dayFolder, name: redact(name, this.#gameDay.secrets), keep, startedAt },
      warn,
    );
    if (count > 0) tell({ kind: "forgotten", count, keep });
  }

  /** The day is over and saved. An error that keeps its page from being written is a warning. */
  async #debrief(report: GameDayReport): Promise<string | null> {
    const { tell, dayFolder } = this.#options;
    try {
      const [page = null] = await writeDebrief(report, dayFolder);
      return page;
    } catch (error) {
      tell({ kind: "warning", text: `the debrief could not be made: ${messageOf(error)}` });
      return null;
    }
  }

  #note({ kind, by, at, text }: Note): void {
    const { secrets } = this.#gameDay;
    const kindOf = kind === undefined ? {} : { kind };
    const note = { ...kindOf, by: redact(by, secrets), at, text: redact(text, secrets) };
    this.#notes.push(note);
    this.#options.tell({ kind: "note", note });
  }

  #haltBy(order: HaltOrder): void {
    if (this.#halt !== null) return;
    this.#halt = order;
    this.#options.tell({ kind: "halted", order });
    this.#halting.abort(haltText(order));
  }

  async #mayBegin(): Promise<boolean> {
    const { tell } = this.#options;
    const looked = (condition: ConditionOfDay) => {
      this.#conditions.push(condition);
      tell({ kind: "condition", condition });
    };
    const areAll = await lookAtConditions(this.#gameDay, { ...this.#options, stop: this.#stop, looked });
    return areAll && this.#conditions.every(({ holds }) => holds);
  }

  async #runScenarios(): Promise<void> {
    this.#notices.start(this.#blind, this.#actions);
    await this.#runInOrder();
    const wasUndone = this.#scenarios.every(({ exitCode }) => exitCode !== EXIT.rollbackFailed);
    if (wasUndone) this.#notices.allClear(this.#conclusion());
  }

  async #runInOrder(): Promise<void> {
    const { scenarios } = this.#gameDay;
    for (const [place, index] of this.#order.entries()) {
      if (this.#stop.aborted) return;
      const file = scenarios[index] ?? "";
      const { outcome, record } = await this.#runScenario(file, index);
      this.#scenarios[place] = outcome;
      this.#notices.scenarioEnded(outcome);
      this.#tellNeedless(outcome);
      // The run may have heard of the halt before this day did.
      const order = readHalt(this.#options.stateFolder);
      if (order !== null) this.#haltBy(order);
      const mayGoOn = this.#mayGoOn(outcome);
      await this.#hold(file, mayGoOn ? (scenarios[this.#order[place + 1] ?? -1] ?? null) : null);
      this.#records[place] = record;
      if (!mayGoOn) return;
    }
  }

  async #hold(file: string, next: string | null): Promise<void> {
    if (this.#stop.aborted) return;
    const seen = await this.#options.hold?.({ file, next, signal: this.#stop });
    for (const note of seen ?? []) this.#note(note);
  }

  /** No fault is put on top of one that may still be in place, whatever `onFailure` says. */
  #mayGoOn(outcome: ScenarioOfDay): boolean {
    const code = codeOf(outcome);
    if (code === EXIT.rollbackFailed) return false;
    return code === EXIT.ok || this.#gameDay.data.onFailure === "continue";
  }

  async #pickBlindly(): Promise<void> {
    const { index, sha256, blind } = await pickBlindly(this.#gameDay, this.#options.cwd);
    this.#blind = blind;
    this.#sealedSha256 = sha256;
    this.#order = [index];
    this.#scenarios = [notRun(this.#gameDay, index)];
    this.#options.tell({ kind: "sealed", seal: blind.seal, count: blind.of.length });
  }

  async #runScenario(file: string, index: number) {
    const blind = this.#blind;
    const reveal = blind && (() => this.#options.tell({ kind: "revealed", blind, path: file }));
    const before = notRun(this.#gameDay, index);
    const ended = await runScenarioOfDay(file, before, this.#gameDay, { ...this.#options, reveal });
    if (ended.record && this.#sealedSha256 !== null && ended.record.scenario.sha256 !== this.#sealedSha256) {
      const text = `${file} was changed after it was sealed: what ran is not what the seal says`;
      this.#options.tell({ kind: "warning", text });
    }
    return ended;
  }

  #tellNeedless({ file, faults = [] }: ScenarioOfDay): void {
    const { data, placeOf } = this.#gameDay;
    for (const text of needlessExemptions(file, faults, data.exempt, placeOf)) {
      this.#options.tell({ kind: "warning", text: redact(text, this.#gameDay.secrets) });
    }
  }

  #conclusion() {
    const stop = this.#stop.aborted ? "ended before its time" : null;
    return concludeDay(this.#conditions, this.#scenarios, this.#halt ? haltText(this.#halt) : stop);
  }

  #report(): Omit<GameDayReport, "notices"> {
    const { startedAt, exerciseId, actions } = this.#options;
    return dayReport({
      gameDay: this.#gameDay,
      exerciseId,
      startedAt,
      durationMs: monotonicMs() - this.#startedMs,
      conclusion: this.#conclusion(),
      conditions: this.#conditions,
      scenarios: this.#scenarios,
      records: this.#records,
      notes: this.#notes,
      blind: this.#blind,
      halt: this.#halt,
      actions: actions === null ? null : this.#actions,
    });
  }
}
