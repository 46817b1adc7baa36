import { type AskCheckContext, ask } from "../../checks/ask.js";
import type { Judged } from "../../checks/asked.js";
import type { MomentOf } from "../../checks/ids/compare-ids.js";
import { judgeAnswer } from "../../checks/judge-answer.js";
import type { Cluster } from "../../kubernetes/cluster.js";
import type { CheckRecord } from "../../measure/checks/check-record.js";
import type { CompletionsRecord } from "../../measure/checks/completions-record.js";
import type { IdsRecord } from "../../measure/checks/ids-record.js";
import { askedText, expectationInWords } from "../../plan/checks/check-in-words.js";
import type { CheckSpec, CheckTime, IdSetSpec } from "../../plan/checks/check-spec.js";
import type { FaultRound } from "../../plan/fault-round.js";
import type { PhaseKind } from "../../plan/timeline.js";
import { monotonicMs, sleep } from "../../support/clock.js";
import { FaultlineError } from "../../support/errors.js";
import { redact } from "../../support/redact.js";
import { atUsualPriority } from "../machine/priority.js";
import { MarkedCommands, type MarkedCommandsOptions } from "../processes/marked-commands.js";
import { whyNoProgram } from "../services/why-not-started.js";
import { AskTally, type Moment } from "./ask-tally.js";
import { checksOnIds, IdChecks, type RunSpans } from "./id-checks.js";
import { IdWatch } from "./id-watch.js";
import { looksRecordOf } from "./looks-record-of.js";

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

export interface RunChecksOptions extends MarkedCommandsOptions {
  readonly checks: readonly CheckSpec[];
  /** Where objects are read. null or missing: no check asks for one. */
  readonly cluster?: Cluster | null;
  /** The environment that commands inherit. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Seconds since load began. */
  readonly now: () => number;
  /** Where the load writes ids. null: nowhere. */
  readonly idFolder: string | null;
  /** Tells when requests were due, as far as the run has come. */
  readonly moments: () => MomentOf;
  /** The phases and faults, as far as the run has come. */
  readonly spans: () => RunSpans;
  readonly say: (text: string) => void;
  readonly warn: (text: string) => void;
}

/** Pauses between the attempts at the end. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 1_000;
/** Of what a check printed. */
const SHOWN_CHARACTERS = 2_000;

/** Asks the checks of a run at their times, and keeps what came of it. */
export class RunChecks implements PhaseChecks {
  readonly #options: RunChecksOptions;
  readonly #tallies: ReadonlyMap<CheckSpec, AskTally>;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #idChecks: IdChecks;
  /** What the last answer of each came to. */
  readonly #found = new Map<CheckSpec, IdsRecord>();
  /** Checks that look at ids again and again. */
  readonly #watches: ReadonlyMap<CheckSpec, IdWatch>;
  /** By the phases' ids. */
  readonly #completions = new Map<string, CompletionsRecord[]>();
  readonly #commands: MarkedCommands;
  readonly #underWay = new Set<Promise<void>>();
  #phase: AskedPhase | null = null;
  #phaseOver = new AbortController();

  constructor(options: RunChecksOptions) {
    this.#options = options;
    this.#idChecks = new IdChecks({ ...options, folder: options.idFolder });
    this.#commands = new MarkedCommands(options);
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal]);
    this.#tallies = new Map(options.checks.map((check) => [check, new AskTally()]));
    this.#watches = new Map(
      options.checks.flatMap((check) => {
        const { ids, everyMs } = check;
        if (ids === null || everyMs === null) return [];
        const look = () => this.#look(check, ids);
        return [[check, new IdWatch({ everyMs, signal: this.#signal, look })] as const];
      }),
    );
  }

  /** Looks for the programs before anything is loaded. @throws FaultlineError CHECK_FAILED: one is not there. */
  refuseMissingPrograms(): void {
    for (const { name, ask: whom } of this.#options.checks) {
      const why = whom.kind === "command" ? whyNoProgram(whom, this.#options.env) : null;
      if (why !== null) throw new FaultlineError("CHECK_FAILED", `check "${name}" cannot be asked: ${why}`);
    }
  }

  /** Asks which ids are there before the load. */
  async beforeLoad(): Promise<void> {
    const looks = checksOnIds(this.#options.checks).map(async (check) => {
      if (check.ids === null) return;
      await this.#idChecks.lookBefore(check, check.ids, this.#context(check));
    });
    await Promise.all(looks);
  }

  /** The load could not write down all ids. */
  idsLost(reason: string): void {
    this.#idChecks.lost(reason);
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
    this.#idChecks.loadEnded();
    const endedMs = monotonicMs();
    const last = this.#options.checks.filter(({ when }) => when.includes("end"));
    if (last.length > 0) this.#options.say("asking the checks");
    await Promise.all(last.map((check) => this.#askUntilHeld(check, endedMs)));
    if (this.#signal.aborted) return;
    for (const check of this.#watches.keys()) await this.#conclude(check);
  }

  /** What was seen of this phase's requests by checks that look again and again. Known at the end only. */
  completionsOf(phase: string): readonly CompletionsRecord[] {
    return this.#completions.get(phase) ?? [];
  }

  /** Ends what is asked now. Resolves when no process of a check is left. */
  async stop(): Promise<void> {
    this.#phaseOver.abort();
    this.#stop.abort();
    await Promise.all(this.#underWay);
    await Promise.all([...this.#watches.values()].map((watch) => watch.stop()));
    await this.#commands.end();
  }

  /** How each fared until now. */
  records(): readonly CheckRecord[] {
    return [...this.#tallies].map(([check, tally]) => ({
      name: check.name,
      asks: askedText(check),
      expect: expectationInWords(check),
      when: [...check.when],
      withinS: check.withinMs / 1000,
      asked: tally.asks(),
      ...idsOf(this.#found.get(check)),
      ...looksOf(check, this.#idChecks),
    }));
  }

  /** Sets of ids have looks of their own. */
  #askedIn(phase: AskedPhase): readonly CheckSpec[] {
    return this.#options.checks.filter((check) => check.ids === null && isAskedIn(check, phase));
  }

  /** @returns whether another look can tell more. */
  async #look(check: CheckSpec, ids: IdSetSpec): Promise<boolean> {
    if (this.#signal.aborted) return false;
    const problem = await this.#idChecks.look(check, ids, this.#context(check));
    // A set that is too long now will not be shorter later.
    return problem?.why !== "too_much";
  }

  async #conclude(check: CheckSpec): Promise<void> {
    const { ids } = check;
    if (ids === null) return;
    const isJudged = this.#found.has(check);
    const spans = this.#options.spans();
    const { asks, completions } = await this.#idChecks.watched(check, ids, isJudged, spans, (output) =>
      this.#shown(check, output),
    );
    for (const each of asks) {
      this.#tallies.get(check)?.put(each);
      if (each.firstBroken)
        this.#options.warn(`check "${check.name}" did not hold: ${each.firstBroken.reason}`);
    }
    for (const [phase, seconds] of completions) {
      const known = this.#completions.get(phase) ?? [];
      this.#completions.set(phase, [
        ...known,
        { check: check.name, request: ids.request, seconds: [...seconds] },
      ]);
    }
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
    const judged = await this.#ask(check);
    if (judged !== null) this.#note(check, moment, { atS, judged, attempts: 1, heldAfterS: null });
  }

  async #askUntilHeld(check: CheckSpec, endedMs: number): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    for (let attempts = 1; ; attempts += 1) {
      const atS = this.#options.now();
      const begunMs = monotonicMs();
      const judged = await this.#ask(check);
      if (judged === null) return;
      const leftMs = endedMs + check.withinMs - monotonicMs();
      if ((judged.kind !== "held" || this.#isAwaited(check)) && leftMs > 0) {
        await sleep(Math.min(pauseMs, leftMs), this.#signal).catch(() => {});
        pauseMs = Math.min(pauseMs * 2, longestPauseMs(check));
        continue;
      }
      const heldAfterS = judged.kind === "held" ? Math.round(begunMs - endedMs) / 1000 : null;
      this.#note(check, AT_END, { atS, judged, attempts, heldAfterS });
      return;
    }
  }

  /** Whoever measures how long completion takes waits for what is missing, whether it may be lost or not. */
  #isAwaited(check: CheckSpec): boolean {
    return this.#watches.has(check) && (this.#found.get(check)?.lost.count ?? 0) > 0;
  }

  /** @returns null when the run was stopped meanwhile: that says nothing of the system. */
  async #ask(check: CheckSpec): Promise<Judged | null> {
    if (this.#signal.aborted) return null;
    if (check.ids !== null) return await this.#askIds(check, check.ids);
    const asked = await ask(check, this.#context(check));
    return this.#signal.aborted || check.expect === null ? null : judgeAnswer(check.expect, asked);
  }

  async #askIds(check: CheckSpec, ids: IdSetSpec): Promise<Judged | null> {
    const { judged, ids: found } = await this.#idChecks.ask(check, ids, this.#context(check));
    if (this.#signal.aborted) return null;
    // What an earlier answer said is no word of the last one's.
    if (found === null) this.#found.delete(check);
    else this.#found.set(check, found);
    return judged;
  }

  #context({ name, ask: whom, timeoutMs }: CheckSpec): AskCheckContext {
    const mark = whom.kind === "command" ? this.#commands.markOf(`check ${name}`) : {};
    return {
      env: { ...this.#options.env, ...mark },
      timeoutMs,
      signal: this.#signal,
      starting: atUsualPriority,
      cluster: this.#options.cluster ?? null,
    };
  }

  #note(
    check: CheckSpec,
    moment: Moment,
    one: {
      readonly atS: number;
      readonly judged: Judged;
      readonly attempts: number;
      readonly heldAfterS: number | null;
    },
  ): void {
    const { judged } = one;
    const shown =
      judged.kind === "unasked" ? { ...judged, output: this.#shown(check, judged.output) } : judged;
    const isNews = this.#tallies.get(check)?.add(moment, { ...one, judged: shown }) === true;
    if (judged.kind === "held" || !isNews) return;
    const how = judged.kind === "broken" ? "does not hold" : "could not be asked";
    this.#options.warn(`check "${check.name}" ${how}: ${judged.reason}`);
  }

  /** Without secrets: one that is cut would not be found later. A program says last what went wrong, an answer first what it is. */
  #shown({ ask }: CheckSpec, output: string): string {
    const masked = redact(output, this.#options.secrets);
    return ask.kind === "command" ? masked.slice(-SHOWN_CHARACTERS) : masked.slice(0, SHOWN_CHARACTERS);
  }
}

function idsOf(ids: IdsRecord | undefined): { readonly ids?: IdsRecord } {
  return ids === undefined ? {} : { ids };
}

function looksOf(check: CheckSpec, idChecks: IdChecks): Pick<CheckRecord, "looks"> {
  const looks = idChecks.looksOf(check);
  return looks === null ? {} : { looks: looksRecordOf(looks.duringLoad, check.everyMs ?? 0) };
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
