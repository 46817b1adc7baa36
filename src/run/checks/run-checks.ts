import type { CheckRecord } from "../../measure/checks/check-record.js";
import type { CompletionsRecord } from "../../measure/checks/completions-record.js";
import type { CheckSpec, CheckTime } from "../../plan/checks/check-spec.js";
import type { FaultRound } from "../../plan/fault-round.js";
import type { PhaseKind } from "../../plan/timeline.js";
import { monotonicMs, sleep } from "../../support/clock.js";
import type { Moment } from "./ask-tally.js";
import { CheckAsker, type CheckAskerOptions } from "./check-asker.js";
import { CheckResults, type CheckResultsOptions } from "./check-results.js";
import type { RunSpans } from "./id-checks.js";
import { IdWatch } from "./id-watch.js";

/** Is told of the phases of a run, and asks the checks in them. A bad answer, or none, makes no method reject. */
export interface PhaseChecks {
  /** From now on the checks with `every` are asked. */
  begin(phase: AskedPhase, startMs: number): void;
  /** Asks the checks of a phase's end. Resolves when all that was asked in the phase has its answer. */
  end(): Promise<void>;
  /** Asks the checks of the run's end. */
  afterLoad(): Promise<void>;
}

export interface AskedPhase {
  readonly id: string;
  readonly kind: PhaseKind;
  readonly fault: FaultRound | null;
}

export interface RunChecksOptions extends CheckAskerOptions, CheckResultsOptions {
  readonly checks: readonly CheckSpec[];
  readonly secrets: readonly string[];
  /** The phases and faults, as far as the run has come. */
  readonly spans: () => RunSpans;
  readonly say: (text: string) => void;
}

/** Pauses between the attempts at the end. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 1_000;

/** Asks the checks of a run at their times. */
export class RunChecks implements PhaseChecks {
  readonly #options: RunChecksOptions;
  readonly #results: CheckResults;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #asker: CheckAsker;
  /** Checks that look at ids again and again. */
  readonly #watches: ReadonlyMap<CheckSpec, IdWatch>;
  readonly #underWay = new Set<Promise<void>>();
  #phase: AskedPhase | null = null;
  #phaseOver = new AbortController();

  constructor(options: RunChecksOptions) {
    this.#options = options;
    this.#results = new CheckResults(options);
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal]);
    this.#asker = new CheckAsker({ ...options, signal: this.#signal });
    this.#watches = new Map(
      options.checks.flatMap((check) => {
        const { ids, everyMs } = check;
        if (ids === null || everyMs === null) return [];
        const look = () => this.#asker.look(check, ids);
        return [[check, new IdWatch({ everyMs, signal: this.#signal, look })] as const];
      }),
    );
  }

  /** Looks for the programs before anything is loaded. @throws FaultlineError CHECK_FAILED: one is not there. */
  refuseMissingPrograms(): void {
    this.#asker.refuseMissingPrograms();
  }

  /** Asks which ids are there before the load. */
  async beforeLoad(): Promise<void> {
    await this.#asker.lookBefore();
  }

  /** The load could not write down all ids. */
  idsLost(reason: string): void {
    this.#asker.idsLost(reason);
  }

  begin(phase: AskedPhase, startMs: number): void {
    this.#phaseOver.abort();
    this.#phaseOver = new AbortController();
    this.#phase = phase;
    for (const watch of this.#watches.values()) watch.start();
    for (const check of this.#askedIn(phase)) {
      if (check.everyMs !== null) this.#keep(this.#askEvery(check, check.everyMs, momentOf(phase), startMs));
    }
  }

  async end(): Promise<void> {
    const phase = this.#phase;
    this.#phaseOver.abort();
    this.#phase = null;
    if (phase !== null) {
      for (const check of this.#askedIn(phase)) this.#keep(this.#askOnce(check, momentOf(phase)));
      for (const [check, watch] of this.#watches) {
        if (isAskedIn(check, phase)) this.#keep(watch.lookNow().then(() => {}));
      }
    }
    await Promise.all(this.#underWay);
  }

  async afterLoad(): Promise<void> {
    await Promise.all([...this.#watches.values()].map((watch) => watch.stop()));
    this.#asker.loadEnded();
    const endedMs = monotonicMs();
    const last = this.#options.checks.filter(({ when }) => when.includes("end"));
    if (last.length > 0) this.#options.say("asking the checks");
    await Promise.all(last.map((check) => this.#askUntilHeld(check, endedMs)));
    if (this.#signal.aborted) return;
    for (const check of this.#watches.keys()) await this.#conclude(check);
  }

  /** What was seen of this phase's requests by checks that look again and again. Known at the end only. */
  completionsOf(phase: string): readonly CompletionsRecord[] {
    return this.#results.completionsOf(phase);
  }

  /** Ends what is asked now. Resolves when no process of a check is left. */
  async stop(): Promise<void> {
    this.#phaseOver.abort();
    this.#stop.abort();
    await Promise.all(this.#underWay);
    await Promise.all([...this.#watches.values()].map((watch) => watch.stop()));
    await this.#asker.end();
  }

  /** How each fared until now. */
  records(): readonly CheckRecord[] {
    return this.#results.records((check) => this.#asker.idPart(check));
  }

  /** Sets of ids have looks of their own. */
  #askedIn(phase: AskedPhase): readonly CheckSpec[] {
    return this.#options.checks.filter((check) => check.ids === null && isAskedIn(check, phase));
  }

  async #conclude(check: CheckSpec): Promise<void> {
    const { ids } = check;
    if (ids === null) return;
    const shown = (output: string) => this.#results.shown(check, output);
    const watched = await this.#asker.watched(check, ids, this.#options.spans(), shown);
    this.#results.noteWatched(check, ids, watched);
  }

  #keep(work: Promise<void>): void {
    const kept = work.finally(() => this.#underWay.delete(kept));
    this.#underWay.add(kept);
  }

  async #askEvery(check: CheckSpec, everyMs: number, moment: Moment, startMs: number): Promise<void> {
    const over = AbortSignal.any([this.#signal, this.#phaseOver.signal]);
    for (let nextMs = startMs + everyMs; ; ) {
      await sleep(Math.max(0, nextMs - monotonicMs()), over).catch(() => {});
      if (over.aborted) return;
      await this.#askOnce(check, moment);
      // An answer that took longer than that has cost its turns.
      nextMs += Math.max(1, Math.ceil((monotonicMs() - nextMs) / everyMs)) * everyMs;
    }
  }

  async #askOnce(check: CheckSpec, moment: Moment): Promise<void> {
    const atS = this.#options.now();
    const judged = await this.#asker.ask(check);
    if (judged !== null) this.#results.note(check, moment, { atS, judged, attempts: 1, heldAfterS: null });
  }

  async #askUntilHeld(check: CheckSpec, endedMs: number): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    for (let attempts = 1; ; attempts += 1) {
      const atS = this.#options.now();
      const begunMs = monotonicMs();
      const judged = await this.#asker.ask(check);
      if (judged === null) return;
      const leftMs = endedMs + check.withinMs - monotonicMs();
      if ((judged.kind !== "held" || this.#isAwaited(check)) && leftMs > 0) {
        await sleep(Math.min(pauseMs, leftMs), this.#signal).catch(() => {});
        pauseMs = Math.min(pauseMs * 2, longestPauseMs(check));
        continue;
      }
      const heldAfterS = judged.kind === "held" ? Math.round(begunMs - endedMs) / 1000 : null;
      this.#results.note(check, AT_END, { atS, judged, attempts, heldAfterS });
      return;
    }
  }

  /** Whoever measures how long completion takes waits for what is missing, whether it may be lost or not. */
  #isAwaited(check: CheckSpec): boolean {
    return this.#watches.has(check) && this.#asker.lostIds(check) > 0;
  }
}

function longestPauseMs({ ids, everyMs }: CheckSpec): number {
  return ids === null || everyMs === null ? LONGEST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, everyMs);
}

function isAskedIn({ when }: CheckSpec, { kind }: AskedPhase): boolean {
  return when.some((time) => time === kind);
}

const AT_END: Moment = { when: "end", phase: null, fault: null };

function momentOf({ id, kind, fault }: AskedPhase): Moment {
  return { when: timeOf(kind), phase: id, fault };
}

/** The warm-up has no checks. */
function timeOf(kind: PhaseKind): CheckTime {
  return kind === "warmup" ? "baseline" : kind;
}
