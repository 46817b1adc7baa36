import type { LoadPlan } from "../../../plan/load-plan.js";
import type { CompiledRequest } from "../../compiled-request.js";
import { CompiledMix } from "../../mix/compiled-mix.js";
import { VirtualUsers } from "../../mix/virtual-users.js";
import { Arrivals } from "../../schedule/arrivals.js";
import { scheduleStream } from "../../thread/schedule-stream.js";
import { DueLog } from "./due-log.js";

/** The clock is looked at after so many requests. */
const LOOK_EVERY = 1024;

/**
 * The parts of some generators in the schedule. It is drawn as far as it was asked for, once for all of them: what that takes goes with
 * the whole schedule, and not with how many of them there are.
 */
export class DrawnShares {
  readonly #arrivals: Arrivals;
  readonly #users: VirtualUsers;
  readonly #logs: (DueLog | undefined)[];
  readonly #startMs: number;
  /** The number of the next request in the schedule. Its name is not drawn yet. */
  #number = 0;
  #dueMs: number;

  /** @param threads so many generators share the schedule. */
  constructor(plan: LoadPlan, threads: number, startMs: number) {
    if (plan.model.kind !== "open") throw new Error("only the open model has a schedule");
    const { profile, arrivals } = plan.model;
    this.#arrivals = new Arrivals(profile, arrivals, scheduleStream(plan, "arrivals"));
    const mix = new CompiledMix(plan.mix, (steps) => steps.map(() => NEVER_SENT));
    this.#users = new VirtualUsers(mix, scheduleStream(plan, "mix"));
    this.#logs = Array.from<DueLog | undefined>({ length: threads });
    this.#startMs = startMs;
    this.#dueMs = this.#nextDueMs();
  }

  /** From then on it takes no other generator: earlier requests of it were passed over. */
  get hasBegun(): boolean {
    return this.#number > 0;
  }

  /** @param forgottenMs nothing before this instant is asked for. */
  add(generator: number, forgottenMs: number): void {
    const log = new DueLog();
    log.forget(forgottenMs);
    this.#logs[generator] = log;
  }

  has(generator: number): boolean {
    return this.#logs[generator] !== undefined;
  }

  forget(beforeMs: number): void {
    for (const log of this.#logs) log?.forget(beforeMs);
  }

  /** Draws what is due before an instant. @param isTimeUp ends it before that. @returns whether all of it is drawn. */
  drawUntil(untilMs: number, isTimeUp: () => boolean = () => false): boolean {
    while (this.#dueMs < untilMs) {
      const log = this.#logs[this.#number % this.#logs.length];
      if (log === undefined) this.#users.skip();
      else log.add(this.#dueMs, this.#nextName());
      this.#number += 1;
      this.#dueMs = this.#nextDueMs();
      if (this.#number % LOOK_EVERY === 0 && isTimeUp()) return this.#dueMs >= untilMs;
    }
    return true;
  }

  /** Tells of each request of a generator that is due in a stretch: when, and the number of its name in the mix. */
  each(
    generator: number,
    fromMs: number,
    untilMs: number,
    tell: (dueMs: number, name: number) => void,
  ): void {
    this.drawUntil(untilMs);
    this.#logs[generator]?.each(fromMs, untilMs, tell);
  }

  #nextDueMs(): number {
    return this.#startMs + this.#arrivals.next() / 1000;
  }

  #nextName(): number {
    const { steps, logsIn } = this.#users.begin().sequence;
    // Nearly all users pass by the login, because somebody has logged in before.
    return steps[logsIn ? 1 : 0]?.name ?? 0;
  }
}

/** Only which request it is matters. */
const NEVER_SENT: CompiledRequest = { isConstant: true, looksInto: false, judge: () => null };
