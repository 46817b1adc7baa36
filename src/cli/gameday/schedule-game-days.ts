import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { checkGameDays } from "../../app/check-game-days.js";
import { toolVersion } from "../../app/tool-version.js";
import { GameDayError } from "../../gameday/game-day-error.js";
import type { GameDay } from "../../gameday/read-game-day.js";
import { Diagnostics } from "../../scenario/diagnostics/diagnostic.js";
import { scheduleOf } from "../../schedule/due/due-runs.js";
import { emitSchedule } from "../../schedule/emit/emit-schedule.js";
import { EMITTERS, engineNamed } from "../../schedule/emit/emitters.js";
import type { GameDayOutcome } from "../../schedule/game-day-outcome.js";
import { runNow } from "../../schedule/run-now.js";
import { Scheduler } from "../../schedule/scheduler.js";
import { EXIT, FaultlineError, worstExit } from "../../support/errors.js";
import { redact } from "../../support/redact.js";
import { writeWhole } from "../../support/write-whole.js";
import type { ScheduleFlags } from "../options/schedule-flags.js";
import { harmlessIo } from "../process/harmless-io.js";
import { interruptOf } from "../process/interrupt.js";
import type { Io } from "../process/io.js";
import { Locks, surroundings } from "./scheduler-surroundings.js";
import { stayAndRun } from "./stay.js";

/** A machine whose cron wakes faultline looks at least once an hour. */
const BETWEEN_LOOKS_MS = 3_600_000;

/** Does what `schedule` asks. Resolves with the exit code. */
export async function scheduleGameDays(
  files: readonly string[],
  flags: ScheduleFlags,
  io: Io,
): Promise<number> {
  const gameDays = await validGameDays(files, flags, io);
  const secrets = gameDays.flatMap((gameDay) => gameDay.secrets);
  const safe = harmlessIo(io).masking((text) => redact(text, secrets));
  if (flags.emit !== undefined) return await emit(gameDays, flags.emit, flags, safe);
  if (flags.now || flags.due) return await runOnce(gameDays, flags, safe);
  return await stayAndRun(files, () => validGameDays(files, flags, io), flags, safe);
}

/**
 * Reads and checks all game days. Each must have a schedule.
 * @throws GameDayError with all that is wrong with them
 */
export async function validGameDays(
  files: readonly string[],
  flags: Pick<ScheduleFlags, "var" | "allowHost" | "now">,
  io: Pick<Io, "cwd" | "env">,
): Promise<readonly GameDay[]> {
  const options = { vars: flags.var, allowHosts: flags.allowHost, nowMs: Date.now() };
  const checks = await checkGameDays(files, { ...options, cwd: io.cwd, env: io.env });
  const diagnostics = new Diagnostics();
  const gameDays = checks.flatMap(({ gameDay }) => gameDay ?? []);
  for (const gameDay of gameDays) refuseUnscheduled(gameDay, flags.now ?? false, diagnostics);
  const own = diagnostics.list(gameDays.flatMap(({ secrets }) => secrets));
  const errors = [...checks.flatMap((check) => check.diagnostics), ...own].filter(
    ({ severity }) => severity === "error",
  );
  if (errors.length === 0) return gameDays;
  throw new GameDayError(
    errors,
    checks.reduce((sum, { dropped }) => sum + dropped, 0),
  );
}

function refuseUnscheduled(gameDay: GameDay, isNow: boolean, diagnostics: Diagnostics): void {
  const { data, placeOf } = gameDay;
  if (data.schedule || isNow) return;
  const message = "`schedule` is missing, so it is never due";
  const help = 'Write schedule: { cron: "0 10 * * FRI", timezone: Europe/Berlin }.';
  diagnostics.malformed("missing-key", placeOf("name"), message, help);
}

async function emit(
  gameDays: readonly GameDay[],
  engine: string,
  flags: ScheduleFlags,
  io: Io,
): Promise<number> {
  const name = engineNamed(engine);
  if (name === null) throw new FaultlineError("USAGE", `--emit does not know ${engine}`);
  const emitter = await EMITTERS[name]();
  const diagnostics = new Diagnostics();
  const options = {
    nowMs: Date.now(),
    cwd: io.cwd,
    program: [process.execPath, fileURLToPath(new URL("../../../bin/faultline.js", import.meta.url))],
    image: flags.image ?? `faultline:${toolVersion()}`,
  };
  const files = [];
  for (const gameDay of gameDays) {
    const schedule = scheduleOf(gameDay);
    if (schedule)
      files.push(...((await emitSchedule(emitter, gameDay, schedule, options, diagnostics)) ?? []));
  }
  if (diagnostics.hasErrors) throw new GameDayError(diagnostics.list(), diagnostics.dropped);
  for (const { name: file, text } of files) {
    if (flags.out === undefined) io.stdout.write(files.length === 1 ? text : `# ${file}\n${text}\n`);
    else {
      const folder = resolve(io.cwd, flags.out);
      await mkdir(folder, { recursive: true });
      await writeWhole(join(folder, file), text);
      io.stderr.write(`${join(flags.out, file)}\n`);
    }
  }
  return EXIT.ok;
}

/** Runs what another scheduler has woken us for. */
async function runOnce(gameDays: readonly GameDay[], flags: ScheduleFlags, io: Io): Promise<number> {
  const interrupt = interruptOf(io);
  const locks = new Locks(io);
  try {
    await locks.take(gameDays);
    const { options } = surroundings(flags, interrupt.signal, io);
    const outcomes: GameDayOutcome[] = [];
    if (flags.now) {
      for (const gameDay of gameDays) {
        const outcome = await runNow(gameDay, options);
        if (outcome) outcomes.push(outcome);
      }
    } else {
      // cron mails whatever is printed, so a look that finds nothing due prints nothing.
      const tell: typeof options.tell = (event) => void (event.kind === "next" || options.tell(event));
      const scheduler = new Scheduler({ ...options, tell, graceMs: BETWEEN_LOOKS_MS });
      await scheduler.take(gameDays);
      outcomes.push(...(await scheduler.look()));
    }
    const wasCut = interrupt.signal.aborted;
    return worstExit([...outcomes.map(({ exitCode }) => exitCode), wasCut ? EXIT.interrupted : EXIT.ok]);
  } finally {
    locks.release();
    interrupt.release();
  }
}
