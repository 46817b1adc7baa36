import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { GameDay } from "../../gameday/read-game-day.js";
import { Scheduler } from "../../schedule/scheduler.js";
import type { SchedulerEvent } from "../../schedule/scheduler-options.js";
import { StatusBoard } from "../../schedule/status/board.js";
import { serveStatus } from "../../schedule/status/server.js";
import { EXIT, FaultlineError } from "../../support/errors.js";
import type { ScheduleFlags } from "../options/schedule-flags.js";
import { reportError } from "../output/report-error.js";
import { interruptOf } from "../process/interrupt.js";
import type { Io } from "../process/io.js";
import { Locks, surroundings } from "./scheduler-surroundings.js";

/** Time between two looks at whether a file has changed. */
const LOOK_MS = 2_000;

const SAYS = {
  first: "a run that goes on is undone before this ends",
  second: "what is left is undone in the background (`faultline heal` tells)",
};

/**
 * Runs game days when they are due, until the process is told to end. `read` reads their files anew.
 * @returns the exit code.
 */
export async function stayAndRun(
  files: readonly string[],
  read: () => Promise<readonly GameDay[]>,
  flags: ScheduleFlags,
  io: Io,
): Promise<number> {
  let gameDays = await read();
  const board = new StatusBoard();
  const locks = new Locks(io);
  let reread = () => {};
  const interrupt = interruptOf(
    withoutHangUp(io, () => reread()),
    SAYS,
  );
  let exitCode: number = EXIT.ok;
  const { options, healIfNeeded } = surroundings(flags, interrupt.signal, io);
  const scheduler = new Scheduler({
    ...options,
    tell(event: SchedulerEvent) {
      board.hear(event);
      options.tell(event);
      // Each run's errors are told when it ends. They do not decide how the scheduler itself ends.
      if (event.kind === "ended" && interrupt.signal.aborted) exitCode = event.outcome.exitCode;
    },
  });
  let status: Awaited<ReturnType<typeof serveStatus>> | null = null;
  let watch: NodeJS.Timeout | null = null;
  try {
    await locks.take(gameDays);
    status = await serveStatus(board, flags.port);
    io.stderr.write(`${status.url}/metrics and /health\n`);
    await scheduler.take(gameDays);
    await healIfNeeded();
    const named = () => [
      ...files.map((file) => resolve(io.cwd, file)),
      ...gameDays.flatMap((gameDay) => [
        ...gameDay.files,
        ...gameDay.scenarios.map((file) => resolve(io.cwd, file)),
      ]),
    ];
    const reader = new Reader(
      named,
      async () => {
        const next = await read();
        await locks.take(next);
        gameDays = next;
        board.keep(next);
        await scheduler.take(next);
      },
      io,
    );
    await reader.remember();
    reread = () => reader.readAgain();
    watch = setInterval(() => void reader.readIfChanged(), LOOK_MS);
    await scheduler.run();
    return exitCode;
  } finally {
    if (watch) clearInterval(watch);
    await status?.close();
    locks.release();
    interrupt.release();
  }
}

/** A closed terminal and `kill -HUP` give the same signal. A process that outlives its terminal reads its files again. */
function withoutHangUp(io: Io, onHangUp: () => void): Io {
  return {
    ...io,
    onSignal: (listener) => io.onSignal((signal) => (signal === "SIGHUP" ? onHangUp() : listener(signal))),
  };
}

/** Reads files again, one reading after the other. Files that cannot be read change nothing. */
class Reader {
  readonly #files: () => readonly string[];
  readonly #read: () => Promise<void>;
  readonly #io: Io;
  #seen = "";
  #reading: Promise<void> = Promise.resolve();

  constructor(files: () => readonly string[], read: () => Promise<void>, io: Io) {
    this.#files = files;
    this.#read = read;
    this.#io = io;
  }

  /** Remembers the files as they are now: they have just been read. */
  async remember(): Promise<void> {
    this.#seen = await this.#look();
  }

  async readIfChanged(): Promise<void> {
    const seen = await this.#look();
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.readAgain();
  }

  readAgain(): void {
    this.#reading = this.#reading.then(() => this.#readNow());
  }

  async #readNow(): Promise<void> {
    const { stderr } = this.#io;
    try {
      await this.#read();
      await this.remember();
      stderr.write("the files were read again\n");
    } catch (error) {
      reportError(error, this.#io, { verbose: !(error instanceof FaultlineError) });
      stderr.write("the files cannot be used as they are now; what was read before stays\n");
    }
  }

  /** Size, time and inode number of each file. They differ when the text does. */
  async #look(): Promise<string> {
    const looks = this.#files().map(async (file) => {
      const found = await stat(file).catch(() => null);
      return found ? `${found.mtimeMs} ${found.size} ${found.ino}` : "gone";
    });
    return (await Promise.all(looks)).join("\n");
  }
}
