import { createHash } from "node:crypto";
import { parseQuiet } from "../../src/gameday/quiet/parse-quiet.js";
import type { GameDay } from "../../src/gameday/read-game-day.js";
import { gameDaySchema } from "../../src/gameday/schema/game-day.js";
import { Source } from "../../src/scenario/text/source.js";
import type { Memory, MemoryStore } from "../../src/schedule/memory.js";
import type { SchedulerClock } from "../../src/schedule/scheduler-options.js";

/** A clock that jumps to whatever is waited for, up to an end, where it stops all that waits. */
export class FakeClock implements SchedulerClock {
  readonly #endMs: number;
  readonly #stop = new AbortController();
  #nowMs: number;

  constructor(from: string, to: string) {
    this.#nowMs = Date.parse(from);
    this.#endMs = Date.parse(to);
  }

  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  async waitUntil(atMs: number): Promise<void> {
    if (atMs >= this.#endMs) this.#stop.abort();
    else this.#nowMs = Math.max(this.#nowMs, atMs);
  }

  /** Time that something takes. */
  pass(ms: number): void {
    this.#nowMs += ms;
  }
}

/** Keeps what is remembered as long as the test goes on. */
export function memoryOfTest(): MemoryStore & { readonly kept: Map<string, Memory> } {
  const kept = new Map<string, Memory>();
  return {
    kept,
    read: async (gameDay) => kept.get(gameDay) ?? null,
    write: async (memory) => void kept.set(memory.gameDay, memory),
  };
}

/** A game day that was never in a file. */
export function gameDayOf(name: string, schedule: object, quiet: readonly string[] = []): GameDay {
  const data = gameDaySchema.parse({ gameday: 1, name, schedule, scenarios: ["a.yaml"] });
  const span = { source: new Source("day.yaml", "", "/"), start: 0, end: 0 };
  return {
    file: "day.yaml",
    path: "/day.yaml",
    folder: "/",
    sha256: createHash("sha256").update(JSON.stringify(schedule)).digest("hex"),
    data,
    quiet: quiet.flatMap((text) => parseQuiet(text) ?? []),
    actions: null,
    scenarios: ["a.yaml"],
    files: [],
    secrets: [],
    placeOf: () => span,
  };
}
