import { createHash } from "node:crypto";
import type { QuietWindow } from "../../gameday/quiet/quiet-window.js";
import type { GameDay } from "../../gameday/read-game-day.js";
import { CronLine } from "./cron-line.js";
import { quietAt } from "./quiet-time.js";

/** What decides when a game day runs. */
export interface Schedule {
  readonly name: string;
  readonly cron: string;
  readonly timezone: string;
  readonly jitterMs: number;
  readonly quiet: readonly QuietWindow[];
}

/** One time that a schedule names. */
export interface DueRun {
  /** What the cron line says. It names the run: no two runs of a game day have the same. */
  readonly nominalMs: number;
  /** When it begins. The jitter is included. */
  readonly startMs: number;
  /** The quiet window that it begins in. Then it is left out. */
  readonly quiet: QuietWindow | null;
}

/** @returns null when the game day runs only when somebody runs it. */
export function scheduleOf({ data, quiet }: Pick<GameDay, "data" | "quiet">): Schedule | null {
  if (!data.schedule) return null;
  const { cron, timezone, jitter } = data.schedule;
  return { name: data.name, cron, timezone, jitterMs: jitter.ms, quiet };
}

/** The times of one schedule, one after another. */
export class DueRuns {
  readonly #schedule: Schedule;
  readonly #line: CronLine;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
    this.#line = new CronLine(schedule.cron, schedule.timezone);
  }

  /** The first run whose nominal time is after an instant. Runs in quiet times are included. */
  after(nominalMs: number): DueRun | null {
    const next = this.#line.next(nominalMs);
    if (next === null) return null;
    const startMs = next + jitterMs(this.#schedule, next);
    return {
      nominalMs: next,
      startMs,
      quiet: quietAt(startMs, this.#schedule.quiet, this.#schedule.timezone),
    };
  }

  /** The first run that begins after an instant. */
  startingAfter(atMs: number): DueRun | null {
    let due = this.after(atMs - this.#schedule.jitterMs - 1);
    while (due !== null && due.startMs <= atMs) due = this.after(due.nominalMs);
    return due;
  }
}

/** From 0 to the schedule's jitter. It is the same wherever it is worked out. */
function jitterMs({ name, jitterMs }: Schedule, nominalMs: number): number {
  const digest = createHash("sha256")
    .update(`${name}\n${new Date(nominalMs).toISOString()}`)
    .digest();
  return Math.floor((digest.readUIntBE(0, 6) / 2 ** 48) * (jitterMs + 1));
}
