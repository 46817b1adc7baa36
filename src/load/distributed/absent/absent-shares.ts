import { setImmediate } from "node:timers/promises";
import { type LatencyLimit, limitsOf } from "../../../measure/latency-limits.js";
import { OUTCOME, OUTCOMES } from "../../../measure/outcome.js";
import { emptySecondCounts } from "../../../measure/second-counts.js";
import type { SecondReport } from "../../../measure/segment-accumulator.js";
import { requestNames } from "../../../plan/load-mix.js";
import type { LoadPlan } from "../../../plan/load-plan.js";
import { monotonicMs } from "../../../support/clock.js";
import type { Absences, AbsentStretch } from "../../merged-load.js";
import { DrawnShares } from "./drawn-shares.js";

/**
 * The schedule is drawn a little at a time: while the load goes on, and what is left when somebody asks. All of it at once would
 * keep this process from its workers for seconds, and they would stop.
 */
const DRAW_EVERY_MS = 50;
const DRAW_FOR_MS = 5;

/**
 * Requests that were due from generators that are gone: all draw the same schedule, so anybody can. Of a journey only the first
 * step is known. The others would have followed answers.
 */
export class AbsentShares implements Absences {
  readonly #plan: LoadPlan;
  readonly #names: readonly string[];
  readonly #workers: readonly string[];
  /** Those that went at about the same time are drawn together. */
  readonly #drawn: DrawnShares[] = [];
  #startMs: number | null = null;
  #forgottenMs = Number.NEGATIVE_INFINITY;
  #drawing: NodeJS.Timeout | null = null;

  /** @param workers the name of each generator's worker. */
  constructor(plan: LoadPlan, workers: readonly string[]) {
    this.#plan = plan;
    this.#names = requestNames(plan.mix);
    this.#workers = workers;
  }

  begin(startMs: number): void {
    this.#startMs = startMs;
  }

  gone(generator: number): void {
    if (this.#plan.model.kind === "closed" || this.#startMs === null) return;
    this.#sharesWith(generator, this.#startMs);
    this.#drawing ??= setInterval(() => this.#draw(monotonicMs()), DRAW_EVERY_MS).unref();
  }

  end(): void {
    if (this.#drawing !== null) clearInterval(this.#drawing);
  }

  /** Somebody may be lost meanwhile, and is drawn as well. */
  async caughtUp(untilMs: number): Promise<void> {
    while (!this.#draw(untilMs)) await setImmediate();
  }

  workerOf(generator: number): string {
    return this.#workers[generator] ?? "";
  }

  shareOf(
    generator: number,
    { startMs, fromSecond, endMs, limits }: AbsentStretch,
  ): readonly SecondReport[] | null {
    if (this.#plan.model.kind === "closed" || this.#startMs === null) return null;
    const seconds = new Map<number, number[]>();
    const drawn = this.#sharesWith(generator, this.#startMs);
    drawn.each(generator, startMs + 1000 * fromSecond, endMs, (dueMs, name) => {
      const second = Math.floor((dueMs - startMs) / 1000);
      const counts = seconds.get(second) ?? this.#names.map(() => 0);
      seconds.set(second, counts);
      counts[name]! += 1;
    });
    const last = Math.ceil((endMs - startMs) / 1000);
    return Array.from({ length: Math.max(0, last - fromSecond) }, (_, at) => ({
      second: fromSecond + at,
      names: this.#unsent(seconds.get(fromSecond + at) ?? [], limits),
    }));
  }

  forget(beforeMs: number): void {
    this.#forgottenMs = beforeMs;
    for (const drawn of this.#drawn) drawn.forget(beforeMs);
  }

  #sharesWith(generator: number, startMs: number): DrawnShares {
    const known = this.#drawn.find((drawn) => drawn.has(generator));
    if (known !== undefined) return known;
    let last = this.#drawn.at(-1);
    if (last === undefined || last.hasBegun) {
      last = new DrawnShares(this.#plan, this.#workers.length, startMs);
      this.#drawn.push(last);
    }
    last.add(generator, this.#forgottenMs);
    return last;
  }

  /** @returns false when time was up before all was drawn. */
  #draw(untilMs: number): boolean {
    const beganMs = monotonicMs();
    const isTimeUp = () => monotonicMs() - beganMs >= DRAW_FOR_MS;
    return this.#drawn.every((drawn) => drawn.drawUntil(untilMs, isTimeUp));
  }

  #unsent(due: readonly number[], limits: readonly LatencyLimit[]): SecondReport["names"] {
    return due.flatMap((scheduled, name) => {
      if (scheduled === 0) return [];
      const none = emptySecondCounts(OUTCOMES.length, limitsOf(this.#names[name]!, limits).length);
      const outcomes = none.outcomes.map((count, outcome) =>
        outcome === OUTCOME.unsent ? scheduled : count,
      );
      return { name, counts: { ...none, scheduled, outcomes, unsentByGenerator: scheduled } };
    });
  }
}
