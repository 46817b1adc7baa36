import { requestNames } from "../../../plan/load-mix.js";
import type { LoadPlan } from "../../../plan/load-plan.js";
import type { Random } from "../../../support/random.js";
import type { CompiledRequest } from "../../compiled-request.js";
import type { DueCount } from "../../merging/absences.js";
import { CompiledMix } from "../../mix/compiled-mix.js";
import { Arrivals } from "../../schedule/arrivals.js";
import { scheduleStream } from "../../thread/schedule-stream.js";
import { DueCounts } from "./due-counts.js";

/** The clock is looked at after so many requests. */
const LOOK_EVERY = 1024;

/** Time between two changes: a segment, or a pause. */
interface Stretch {
  readonly startMs: number;
  /** For each generator: so many first seconds are not asked for. */
  readonly told: Uint32Array;
  /** By generator, where something was due that it has not told. */
  readonly counts: (DueCounts | undefined)[];
  isForgotten: boolean;
}

/**
 * What is due from each generator of a load, counted in each stretch of it. The schedule is drawn once for all of them, as far as it was
 * asked for. So it does not matter how many are gone, and when each of them went.
 */
export class DrawnSchedule {
  readonly #plan: LoadPlan;
  readonly #generators: number;
  readonly #names: number;
  readonly #mix: CompiledMix;
  /** In order of time. The first one begins with the load. */
  readonly #stretches: Stretch[] = [];
  #arrivals: Arrivals;
  #choices: Random;
  /** The number of the next request in the schedule. Its name is not drawn yet. */
  #number = 0;
  /** When it is due. Infinite: never, or the load has not begun. */
  #dueMs = Number.POSITIVE_INFINITY;
  /** When the last request was due that is drawn. */
  #lastMs = Number.NEGATIVE_INFINITY;
  /** The place of the stretch that it was in, and when the next one begins. */
  #place = 0;
  #nextStartMs = Number.POSITIVE_INFINITY;

  /** @param generators so many share the schedule. */
  constructor(plan: LoadPlan, generators: number) {
    this.#plan = plan;
    this.#generators = generators;
    this.#names = requestNames(plan.mix).length;
    this.#mix = new CompiledMix(plan.mix, (steps) => steps.map(() => NEVER_SENT));
    this.#arrivals = arrivalsOf(plan);
    this.#choices = scheduleStream(plan, "mix");
  }

  /** So many counts are kept. */
  get cells(): number {
    const all = this.#stretches.flatMap(({ counts }) => counts);
    return all.reduce((sum, counts) => sum + (counts?.cells ?? 0), 0);
  }

  /** A stretch begins, and the one before it ends. */
  change(atMs: number): void {
    const at = this.#stretches.findIndex(({ startMs }) => startMs >= atMs);
    if (this.#stretches[at]?.startMs === atMs) return;
    const stretch = {
      startMs: atMs,
      told: new Uint32Array(this.#generators),
      counts: [],
      isForgotten: false,
    };
    this.#stretches.splice(at < 0 ? this.#stretches.length : at, 0, stretch);
    // What was due after it was counted with the stretch before.
    if (this.#stretches.length === 1 || this.#lastMs >= atMs) this.#drawAnew();
    else this.#nextStartMs = this.#startOf(this.#place + 1);
  }

  told(generator: number, startMs: number, seconds: number): void {
    const stretch = this.#stretchAt(startMs);
    if (stretch === undefined) return;
    stretch.told[generator] = seconds;
    stretch.counts[generator]?.forgetBefore(seconds);
  }

  /** Nothing of stretches that ended before this instant is asked for. */
  forget(beforeMs: number): void {
    for (const [at, stretch] of this.#stretches.entries()) {
      if (this.#startOf(at + 1) > beforeMs) return;
      stretch.isForgotten = true;
      stretch.counts.length = 0;
    }
  }

  isDrawn(untilMs: number): boolean {
    return this.#dueMs >= untilMs;
  }

  /** Draws what is due before an instant. @param isTimeUp ends it before that. @returns whether all of it is drawn. */
  drawUntil(untilMs: number, isTimeUp: () => boolean = () => false): boolean {
    while (this.#dueMs < untilMs) {
      this.#count(this.#dueMs);
      this.#lastMs = this.#dueMs;
      this.#number += 1;
      this.#dueMs = this.#nextDueMs();
      if (this.#number % LOOK_EVERY === 0 && isTimeUp()) return this.isDrawn(untilMs);
    }
    return true;
  }

  /** Of what is drawn: what was due from a generator in the stretch that began at an instant, and was not told. */
  dueFrom(generator: number, startMs: number): readonly DueCount[] {
    return this.#stretchAt(startMs)?.counts[generator]?.all() ?? [];
  }

  /** The same of one second. */
  dueIn(generator: number, startMs: number, second: number): readonly DueCount[] {
    return this.#stretchAt(startMs)?.counts[generator]?.ofSecond(second) ?? [];
  }

  #stretchAt(startMs: number): Stretch | undefined {
    // Nearly always it is one of the last.
    return this.#stretches.findLast((stretch) => stretch.startMs === startMs);
  }

  #startOf(place: number): number {
    return this.#stretches[place]?.startMs ?? Number.POSITIVE_INFINITY;
  }

  #drawAnew(): void {
    for (const { counts } of this.#stretches) counts.length = 0;
    this.#arrivals = arrivalsOf(this.#plan);
    this.#choices = scheduleStream(this.#plan, "mix");
    this.#number = 0;
    this.#place = 0;
    this.#nextStartMs = this.#startOf(1);
    this.#lastMs = Number.NEGATIVE_INFINITY;
    this.#dueMs = this.#nextDueMs();
  }

  #count(dueMs: number): void {
    const { steps, logsIn } = this.#mix.choose(this.#choices);
    while (dueMs >= this.#nextStartMs) {
      this.#place += 1;
      this.#nextStartMs = this.#startOf(this.#place + 1);
    }
    const stretch = this.#stretches[this.#place]!;
    if (stretch.isForgotten) return;
    const generator = this.#number % this.#generators;
    const second = Math.floor((dueMs - stretch.startMs) / 1000);
    if (second < stretch.told[generator]!) return;
    stretch.counts[generator] ??= new DueCounts(this.#names);
    // Nearly all users pass by the login, because somebody has logged in before.
    stretch.counts[generator]?.add(second, steps[logsIn ? 1 : 0]?.name ?? 0);
  }

  #nextDueMs(): number {
    return this.#startOf(0) + this.#arrivals.next() / 1000;
  }
}

function arrivalsOf(plan: LoadPlan): Arrivals {
  if (plan.model.kind !== "open") throw new Error("only the open model has a schedule");
  const { profile, arrivals } = plan.model;
  return new Arrivals(profile, arrivals, scheduleStream(plan, "arrivals"));
}

/** Only which request it is matters. */
const NEVER_SENT: CompiledRequest = { isConstant: true, looksInto: false, judge: () => null };
