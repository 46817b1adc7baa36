import { resolve } from "node:path";
import { DEFAULT_FOLDER } from "../app/ledger-place.js";
import { runGameDay } from "../app/run-game-day.js";
import type { FinishedRun } from "../app/run-planned.js";
import type { GameDay } from "../gameday/read-game-day.js";
import { healAll } from "../run/safety/heal/heal-all.js";
import { openStateFolder } from "../run/safety/state-folder.js";
import { lockGameDay } from "../schedule/game-day-lock.js";
import { memoryIn } from "../schedule/memory.js";
import { realClock } from "../schedule/real-clock.js";
import type { SchedulerEvent, SchedulerOptions } from "../schedule/scheduler-options.js";
import { oneLine } from "../support/printable.js";
import type { ScheduleFlags } from "./options/schedule-flags.js";
import { liveReporters } from "./output/live-reporters.js";
import { reportError } from "./output/report-error.js";
import { scheduleLine } from "./output/schedule-lines.js";
import type { Io } from "./process/io.js";

/** What a scheduler needs of the process around it. */
export function schedulerOptions(
  flags: Pick<ScheduleFlags, "out" | "var" | "allowHost">,
  stop: AbortSignal,
  io: Io,
): SchedulerOptions {
  const reportFolder = flags.out ?? DEFAULT_FOLDER;
  const onWarning = (text: string) => void io.stderr.write(`warning: ${text}\n`);
  /** Something that an interrupted run did may still be in place. */
  let mustHeal = false;
  return {
    stop,
    clock: realClock,
    memory: memoryIn(resolve(io.cwd, reportFolder), onWarning),
    tell(event: SchedulerEvent) {
      if (event.kind === "interrupted") mustHeal = true;
      io.stdout.write(`${scheduleLine(event, io.cwd)}\n`);
    },
    async start(gameDay, _, signal) {
      if (mustHeal) await heal(io);
      mustHeal = false;
      return await runGameDay(gameDay, {
        env: io.env,
        cwd: io.cwd,
        reportFolder,
        startedAt: new Date(),
        interrupt: signal,
        vars: flags.var,
        allowHosts: flags.allowHost,
        reporters: liveReporters(io, { color: false }),
        onScenario: (file, result) => tellScenario(file, result, io),
        onWarning,
      });
    },
  };
}

/** Undoes what a run left behind whose scheduler was killed. */
export async function heal(io: Io): Promise<void> {
  const onLine = (line: string) => void io.stderr.write(`heal: ${line}\n`);
  await healAll(openStateFolder(io.env), { dryRun: false, onLine });
}

function tellScenario(file: string, result: FinishedRun | Error, io: Io): void {
  if (result instanceof Error) {
    io.stderr.write(`${oneLine(file)} could not be run\n`);
    reportError(result, io, { verbose: false });
    return;
  }
  io.stderr.write(`${oneLine(file)}: ${result.report.verdict}. ${oneLine(result.report.reason)}\n`);
  if (result.error !== null) reportError(result.error, io, { verbose: false });
}

/**
 * The locks of all of them, or of none.
 * @returns what gives them back.
 * @throws FaultlineError RUN_CONFLICT, STATE_UNUSABLE
 */
export async function lockAll(gameDays: readonly GameDay[], io: Pick<Io, "env">): Promise<() => void> {
  const stateFolder = openStateFolder(io.env);
  const releases: (() => void)[] = [];
  const unlock = () => {
    for (const release of releases) release();
  };
  try {
    for (const { data } of gameDays) releases.push(await lockGameDay(stateFolder, data.name));
    return unlock;
  } catch (error) {
    unlock();
    throw error;
  }
}
