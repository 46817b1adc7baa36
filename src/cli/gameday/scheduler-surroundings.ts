import { join, resolve } from "node:path";
import { conductGameDay } from "../../app/gameday/conduct-game-day.js";
import { DEFAULT_FOLDER, LEDGER_FILE } from "../../app/ledger-place.js";
import { lockName } from "../../gameday/lock-name.js";
import type { GameDay } from "../../gameday/read-game-day.js";
import { healAll } from "../../run/safety/heal/heal-all.js";
import { openStateFolder } from "../../run/safety/state-folder.js";
import { lockGameDay } from "../../schedule/game-day-lock.js";
import type { GameDayOutcome, Postponed } from "../../schedule/game-day-outcome.js";
import { memoryIn } from "../../schedule/memory.js";
import { realClock } from "../../schedule/real-clock.js";
import type { SchedulerEvent, SchedulerOptions } from "../../schedule/scheduler-options.js";
import { type ErrorCode, FaultlineError, messageOf } from "../../support/errors.js";
import { redact } from "../../support/redact.js";
import type { ScheduleFlags } from "../options/schedule-flags.js";
import { liveReporters } from "../output/live-reporters.js";
import { reportError } from "../output/report-error.js";
import { scheduleLine } from "../output/schedule-lines.js";
import { harmlessIo } from "../process/harmless-io.js";
import type { Io } from "../process/io.js";
import { GameDayScreen } from "./game-day-screen.js";

/** What a scheduler needs of the process around it. */
export function surroundings(
  flags: Pick<ScheduleFlags, "out" | "allowHost">,
  stop: AbortSignal,
  io: Io,
): { readonly options: SchedulerOptions; readonly healIfNeeded: () => Promise<void> } {
  const reportFolder = flags.out ?? DEFAULT_FOLDER;
  const stateFolder = openStateFolder(io.env);
  const onWarning = (text: string) => void io.stderr.write(`warning: ${text}\n`);
  /** Whether something that an interrupted run did may still be in place. */
  let mustHeal = false;
  const healIfNeeded = async () => {
    if (mustHeal) await heal(io);
    mustHeal = false;
  };
  const options: SchedulerOptions = {
    stop,
    clock: realClock,
    memory: memoryIn(resolve(io.cwd, reportFolder), onWarning),
    tell(event: SchedulerEvent) {
      if (event.kind === "interrupted") mustHeal = true;
      io.stdout.write(`${redact(scheduleLine(event, io.cwd), event.gameDay.secrets)}\n`);
    },
    async start(gameDay, _, signal) {
      return await orOutcome(gameDay, reportFolder, io, async () => {
        await healIfNeeded();
        const unlock = await lockGameDay(stateFolder, gameDay.data.name, "run");
        try {
          return await conduct(gameDay, reportFolder, flags, signal, io);
        } finally {
          unlock();
        }
      });
    },
  };
  return { options, healIfNeeded };
}

const POSTPONING: Partial<Record<ErrorCode, Postponed["by"]>> = { HALTED: "halt", RUN_CONFLICT: "running" };

/**
 * An error that keeps a run from beginning is an outcome, and later runs go on. A halt postpones the run. So does another
 * process that runs the game day already.
 */
async function orOutcome(
  { secrets }: GameDay,
  folder: string,
  io: Io,
  start: () => Promise<GameDayOutcome>,
): Promise<GameDayOutcome> {
  try {
    return await start();
  } catch (error) {
    const by = error instanceof FaultlineError ? POSTPONING[error.code] : undefined;
    const safe = harmlessIo(io).masking((text) => redact(text, secrets));
    const exitCode = reportError(error, safe, { verbose: !(error instanceof FaultlineError) });
    const postponed = by === undefined ? null : { by, reason: redact(messageOf(error), secrets) };
    return {
      verdict: by === undefined ? "error" : "postponed",
      exitCode,
      score: null,
      durationMs: 0,
      folder: resolve(io.cwd, folder),
      postponed,
    };
  }
}

async function conduct(
  gameDay: GameDay,
  reportFolder: string,
  flags: Pick<ScheduleFlags, "allowHost">,
  interrupt: AbortSignal,
  io: Io,
): Promise<GameDayOutcome> {
  const masking = (secrets: readonly string[]) => harmlessIo(io).masking((text) => redact(text, secrets));
  const screen = new GameDayScreen(gameDay, masking(gameDay.secrets), {});
  const { report, folder } = await conductGameDay(gameDay, {
    env: io.env,
    cwd: io.cwd,
    folder: { parent: join(reportFolder, lockName(gameDay.data.name)), own: true },
    ledger: resolve(io.cwd, reportFolder, LEDGER_FILE),
    allowHosts: flags.allowHost,
    interrupt,
    reportersOf: ({ plan }) => liveReporters(masking([...gameDay.secrets, ...plan.secrets]), {}),
    tell: (news) => screen.show(news),
  });
  const scores = report.scenarios.flatMap(({ score }) => score ?? []);
  const { verdict, exitCode, durationS, reason } = report;
  const postponed = verdict === "postponed" ? ({ by: "condition", reason } as const) : null;
  const score = scores.length === 0 ? null : Math.min(...scores);
  return { verdict, exitCode, score, durationMs: durationS * 1000, folder, postponed };
}

/** Undoes what a run left behind when its scheduler was killed. */
async function heal(io: Io): Promise<void> {
  const onLine = (line: string) => void io.stderr.write(`heal: ${line}\n`);
  await healAll(openStateFolder(io.env), { dryRun: false, onLine });
}

/** Keeps other processes from scheduling the same game days. One that is taken out of its files stays locked until the end. */
export class Locks {
  readonly #stateFolder: string;
  readonly #held = new Map<string, () => void>();

  /** @throws FaultlineError STATE_UNUSABLE */
  constructor({ env }: Pick<Io, "env">) {
    this.#stateFolder = openStateFolder(env);
  }

  /** @throws FaultlineError RUN_CONFLICT, STATE_UNUSABLE */
  async take(gameDays: readonly GameDay[]): Promise<void> {
    for (const { data } of gameDays) {
      const lock = lockName(data.name);
      if (!this.#held.has(lock))
        this.#held.set(lock, await lockGameDay(this.#stateFolder, data.name, "schedule"));
    }
  }

  release(): void {
    for (const release of this.#held.values()) release();
    this.#held.clear();
  }
}
