import type { GameDay } from "../../gameday/read-game-day.js";
import { redact } from "../../support/redact.js";
import { shownTime } from "../due/local-time.js";
import type { SchedulerEvent } from "../scheduler-options.js";

/** How a game day stands. */
export interface GameDayStatus {
  readonly name: string;
  nextMs: number | null;
  /** null: it does not run. */
  runningSinceMs: number | null;
  last: {
    readonly verdict: string;
    readonly score: number | null;
    readonly endedMs: number;
    readonly durationMs: number;
  } | null;
  /** Since this scheduler was started. */
  readonly runs: Map<string, number>;
  readonly postponed: Map<string, number>;
  missed: number;
  /** Why the last run was postponed. null: none was. */
  postponedBecause: string | null;
}

/** What a scheduler has to tell of its game days, by name. */
export class StatusBoard {
  readonly #days = new Map<string, GameDayStatus>();
  /** Names that the files have. null: any. */
  #kept: ReadonlySet<string> | null = null;

  get days(): readonly GameDayStatus[] {
    return [...this.#days.values()];
  }

  /** Drops game days that no longer exist, and what is heard of them later. */
  keep(gameDays: readonly GameDay[]): void {
    const kept = new Set(gameDays.map(nameOf));
    for (const name of this.#days.keys()) if (!kept.has(name)) this.#days.delete(name);
    this.#kept = kept;
  }

  hear(event: SchedulerEvent): void {
    const name = nameOf(event.gameDay);
    if (this.#kept?.has(name) === false) return;
    const day = this.#of(name);
    switch (event.kind) {
      case "next": {
        day.nextMs = event.due?.startMs ?? null;
        const { last } = event;
        if (last && day.last === null) {
          const endedMs = Date.parse(last.startedAt) + last.durationMs;
          day.last = { verdict: last.verdict, score: last.score, endedMs, durationMs: last.durationMs };
        }
        return;
      }
      case "quiet": {
        const zone = event.gameDay.data.schedule?.timezone ?? "UTC";
        day.postponedBecause = `${shownTime(event.due.startMs, zone)} is quiet: ${event.window.text}`;
        count(day.postponed, "quiet");
        return;
      }
      case "missed":
        day.missed += event.count;
        return;
      case "interrupted":
        count(day.runs, "interrupted");
        return;
      case "started":
        day.runningSinceMs = event.startedMs;
        return;
      case "ended": {
        const { verdict, score, durationMs, postponed } = event.outcome;
        day.runningSinceMs = null;
        if (postponed === null) {
          day.last = { verdict, score, durationMs, endedMs: event.endedMs };
          day.postponedBecause = null;
          count(day.runs, verdict);
        } else {
          count(day.postponed, postponed.by);
          day.postponedBecause = postponed.reason;
        }
      }
    }
  }

  #of(name: string): GameDayStatus {
    const known = this.#days.get(name);
    if (known) return known;
    const day: GameDayStatus = {
      name,
      nextMs: null,
      runningSinceMs: null,
      last: null,
      runs: new Map(),
      postponed: new Map(),
      missed: 0,
      postponedBecause: null,
    };
    this.#days.set(name, day);
    return day;
  }
}

function nameOf({ data, secrets }: GameDay): string {
  return redact(data.name, secrets);
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
