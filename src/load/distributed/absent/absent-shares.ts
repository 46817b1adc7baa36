import { type LatencyLimit, limitsOf } from "../../measure/latency-limits.js";
import { OUTCOME, OUTCOMES } from "../../measure/outcome.js";
import { emptySecondCounts } from "../../measure/second-counts.js";
import type { SecondReport } from "../../measure/segment-accumulator.js";
import { requestNames } from "../../plan/load-mix.js";
import type { LoadPlan } from "../../plan/load-plan.js";
import type { CompiledRequest } from "../compiled-request.js";
import type { Absences, AbsentStretch } from "../merged-load.js";
import { CompiledMix } from "../mix/compiled-mix.js";
import { VirtualUsers } from "../mix/virtual-users.js";
import { Arrivals } from "../schedule/arrivals.js";
import type { Share } from "../share.js";
import { scheduleStream } from "../thread/schedule-stream.js";

/**
 * Requests that were due from generators that are gone: all draw the same schedule, so anybody can. Of a journey only the first
 * step is known. The others would have followed answers.
 */
export class AbsentShares implements Absences {
  readonly #plan: LoadPlan;
  readonly #names: readonly string[];
  readonly #workers: readonly string[];
  readonly #schedules = new Map<number, DrawnShare>();
  #startMs = 0;
  #forgottenMs = Number.NEGATIVE_INFINITY;

  /** @param workers the name of each generator's worker. */
  constructor(plan: LoadPlan, workers: readonly string[]) {
    this.#plan = plan;
    this.#names = requestNames(plan.mix);
    this.#workers = workers;
  }

  begin(startMs: number): void {
    this.#startMs = startMs;
  }

  workerOf(generator: number): string {
    return this.#workers[generator] ?? "";
  }

  shareOf(
    generator: number,
    { startMs, fromSecond, endMs, limits }: AbsentStretch,
  ): readonly SecondReport[] | null {
    const { model } = this.#plan;
    if (model.kind === "closed") return null;
    const drawn = this.#scheduleOf(generator);
    const seconds = new Map<number, number[]>();
    for (const { dueMs, name } of drawn.between(startMs + 1000 * fromSecond, endMs)) {
      const second = Math.floor((dueMs - startMs) / 1000);
      const counts = seconds.get(second) ?? this.#names.map(() => 0);
      seconds.set(second, counts);
      counts[name]! += 1;
    }
    const last = Math.ceil((endMs - startMs) / 1000);
    return Array.from({ length: Math.max(0, last - fromSecond) }, (_, at) => ({
      second: fromSecond + at,
      names: this.#unsent(seconds.get(fromSecond + at) ?? [], limits),
    }));
  }

  forget(beforeMs: number): void {
    this.#forgottenMs = beforeMs;
    for (const drawn of this.#schedules.values()) drawn.forget(beforeMs);
  }

  #scheduleOf(generator: number): DrawnShare {
    const known = this.#schedules.get(generator);
    if (known !== undefined) return known;
    const share = { thread: generator, threads: this.#workers.length };
    const drawn = new DrawnShare(this.#plan, share, this.#startMs);
    drawn.forget(this.#forgottenMs);
    this.#schedules.set(generator, drawn);
    return drawn;
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

interface DueRequest {
  readonly dueMs: number;
  /** The number of its name in the mix. */
  readonly name: number;
}

/** One generator's part of the schedule, drawn as far as it was asked for. */
class DrawnShare {
  readonly #arrivals: Arrivals;
  readonly #users: VirtualUsers;
  readonly #threads: number;
  readonly #startMs: number;
  #drawn: DueRequest[] = [];
  /** The next one. It is not drawn whole: its name comes with it. */
  #next: DueRequest;
  #forgottenMs = Number.NEGATIVE_INFINITY;

  constructor(plan: LoadPlan, { thread, threads }: Share, startMs: number) {
    if (plan.model.kind !== "open") throw new Error("only the open model has a schedule");
    const { profile, arrivals } = plan.model;
    this.#arrivals = new Arrivals(profile, arrivals, scheduleStream(plan, "arrivals"));
    const mix = new CompiledMix(plan.mix, (steps) => steps.map(() => NEVER_SENT));
    this.#users = new VirtualUsers(mix, scheduleStream(plan, "mix"));
    this.#threads = threads;
    this.#startMs = startMs;
    for (let others = 0; others < thread; others++) {
      this.#arrivals.next();
      this.#users.skip();
    }
    this.#next = this.#draw();
  }

  between(fromMs: number, untilMs: number): readonly DueRequest[] {
    while (this.#next.dueMs < untilMs) {
      if (this.#next.dueMs >= this.#forgottenMs) this.#drawn.push(this.#next);
      for (let others = 1; others < this.#threads; others++) {
        this.#arrivals.next();
        this.#users.skip();
      }
      this.#next = this.#draw();
    }
    return this.#drawn.filter(({ dueMs }) => dueMs >= fromMs && dueMs < untilMs);
  }

  forget(beforeMs: number): void {
    this.#forgottenMs = Math.max(this.#forgottenMs, beforeMs);
    this.#drawn = this.#drawn.filter(({ dueMs }) => dueMs >= beforeMs);
  }

  #draw(): DueRequest {
    const dueMs = this.#startMs + this.#arrivals.next() / 1000;
    const { steps, logsIn } = this.#users.begin().sequence;
    // Nearly all users pass by the login, because somebody has logged in before.
    return { dueMs, name: steps[logsIn ? 1 : 0]?.name ?? 0 };
  }
}

/** Only which request it is matters. */
const NEVER_SENT: CompiledRequest = { isConstant: true, looksInto: false, judge: () => null };
