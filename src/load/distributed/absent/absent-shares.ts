import { setImmediate } from "node:timers/promises";
import type { LoadPlan } from "../../../plan/load-plan.js";
import { monotonicMs } from "../../../support/clock.js";
import type { Absences, DueCount } from "../../merging/absences.js";
import { DrawnSchedule } from "./drawn-schedule.js";

/**
 * The schedule is drawn a little at a time: while the load goes on, and what is left when somebody asks. All of it at once would
 * keep this process from its workers for seconds, and they would stop.
 */
const DRAW_EVERY_MS = 50;
const DRAW_FOR_MS = 5;

/**
 * Requests that were due from generators that are gone: all draw the same schedule, so anybody can. Nothing is drawn before the first of
 * them is gone. Of a journey only the first step is known. The others would have followed answers.
 */
export class AbsentShares implements Absences {
  readonly #workers: readonly string[];
  /** null: the model has none. */
  readonly #schedule: DrawnSchedule | null;
  #hasBegun = false;
  #hasLost = false;
  #drawing: NodeJS.Timeout | null = null;

  /** @param workers the name of each generator's worker. */
  constructor(plan: LoadPlan, workers: readonly string[]) {
    this.#workers = workers;
    this.#schedule = plan.model.kind === "closed" ? null : new DrawnSchedule(plan, workers.length);
  }

  /** So many counts are kept. */
  get cells(): number {
    return this.#schedule?.cells ?? 0;
  }

  change(atMs: number): void {
    this.#schedule?.change(atMs);
    this.#hasBegun = true;
    this.#drawOnIfNeeded();
  }

  told(generator: number, startMs: number, seconds: number): void {
    this.#schedule?.told(generator, startMs, seconds);
  }

  gone(_generator: number): void {
    this.#hasLost = true;
    this.#drawOnIfNeeded();
  }

  end(): void {
    if (this.#drawing !== null) clearInterval(this.#drawing);
  }

  isDrawn(untilMs: number): boolean {
    return this.#schedule?.isDrawn(untilMs) ?? true;
  }

  /** Somebody may be lost meanwhile. */
  async caughtUp(untilMs: number): Promise<void> {
    while (!this.#draw(untilMs)) await setImmediate();
  }

  dueFrom(generator: number, startMs: number, untilMs: number): readonly DueCount[] | null {
    if (this.#schedule === null) return null;
    this.#schedule.drawUntil(untilMs);
    return this.#schedule.dueFrom(generator, startMs);
  }

  dueIn(generator: number, startMs: number, second: number): readonly DueCount[] {
    return this.#schedule?.dueIn(generator, startMs, second) ?? [];
  }

  forget(beforeMs: number): void {
    this.#schedule?.forget(beforeMs);
  }

  workerOf(generator: number): string {
    return this.#workers[generator] ?? "";
  }

  #drawOnIfNeeded(): void {
    if (this.#schedule === null || !this.#hasBegun || !this.#hasLost) return;
    this.#drawing ??= setInterval(() => this.#draw(monotonicMs()), DRAW_EVERY_MS).unref();
  }

  /** @returns false when time was up before all was drawn. */
  #draw(untilMs: number): boolean {
    if (!this.#hasLost) return true;
    const beganMs = monotonicMs();
    return this.#schedule?.drawUntil(untilMs, () => monotonicMs() - beganMs >= DRAW_FOR_MS) ?? true;
  }
}
