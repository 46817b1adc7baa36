import type { LatencyLimit } from "../measure/latency-limits.js";
import {
  type SecondReport,
  SegmentAccumulator,
  type SegmentMeasurement,
  type SegmentTotals,
} from "../measure/segment-accumulator.js";
import { namedTrace } from "../measure/tracing/kept-traces.js";
import type { LostWorker } from "../measure/workers/worker-record.js";
import { longestTimeoutMs, namesThatTellDegraded, requestNames, timedIn } from "../plan/load-mix.js";
import { monotonicMs, sleep, withDeadline } from "../support/clock.js";
import { FaultlineError } from "../support/errors.js";
import { answersChallenges } from "./authentication/answers-challenges.js";
import { LiveMerger } from "./counting/live-merger.js";
import type { GeneratorListener, Generators } from "./generators.js";
import type { LoadSession, LoadSessionOptions, Segment } from "./session.js";
import type { FromThread, SegmentProgress } from "./thread-messages.js";

/** A change of segment is announced this long ahead, so that it reaches every thread before its instant. */
const ANNOUNCE_MS = 20;
/** After the timeout, a generator may take this long to report that a segment has settled. */
const DRAIN_GRACE_MS = 5_000;
const SNAPSHOT_DEADLINE_MS = 5_000;

export interface MergedLoadOptions extends LoadSessionOptions {
  /** How long ahead a change of segment is announced. */
  readonly announceMs?: number;
  /** The same for the begin of the load. */
  readonly firstAnnounceMs?: number;
  /** What is known of generators that are gone. Without it, a load that has lost one says nothing any more. */
  readonly absences?: Absences;
}

/** The share of generators that are gone. Nobody else sends it. */
export interface Absences {
  /** The load begins. */
  begin(startMs: number): void;
  /** A generator will say nothing more. */
  gone(generator: number): void;
  /** The load is over. */
  end(): void;
  /** Resolves when shares until an instant can be told at once. Other work of this process goes on meanwhile. */
  caughtUp(untilMs: number): Promise<void>;
  /** What a generator would have had to send in a segment. @returns null when the model has no schedule. */
  shareOf(generator: number, stretch: AbsentStretch): readonly SecondReport[] | null;
  /** Nothing before this instant is asked for again. */
  forget(beforeMs: number): void;
  /** The name of the worker that the generator was a part of. */
  workerOf(generator: number): string;
}

export interface AbsentStretch {
  readonly startMs: number;
  /** The first second that the generator had not reported whole. */
  readonly fromSecond: number;
  readonly endMs: number;
  readonly limits: readonly LatencyLimit[];
}

interface OpenSegment {
  readonly limits: readonly LatencyLimit[];
  readonly accumulator: SegmentAccumulator;
  readonly startMs: number;
  readonly startedAt: string;
  endMs: number | null;
  /** Generators that still have requests of the segment without an outcome. */
  readonly waitingFor: Set<number>;
  /** For each generator: the number of its seconds that are known. */
  readonly known: number[];
  /** Generators that have not told all of the segment, and are gone. */
  readonly absent: Set<number>;
  lost: string | null;
  readonly settled: Promise<void>;
  readonly settle: () => void;
}

interface Question {
  readonly segmentId: string;
  readonly open: SecondReport[];
  readonly waitingFor: Set<number>;
  readonly answer: () => void;
}

/** A load session that merges what its generators count. */
export class MergedLoad<Of extends Generators = Generators> implements LoadSession {
  readonly #options: MergedLoadOptions;
  readonly #names: readonly string[];
  readonly #tellDegraded: ReadonlySet<string>;
  /** A request may go out once more: to where its answer leads, or with the answer to a challenge. */
  readonly #sendsMore: boolean;
  readonly #segments = new Map<string, OpenSegment>();
  readonly #questions = new Map<number, Question>();
  readonly #live: LiveMerger;
  readonly #gone = new Set<number>();
  #generators: Of | null = null;
  #hasBegun = false;
  #current: string | null = null;
  #lost: string | null = null;
  #lastQuestion = 0;
  #stopping: Promise<void> | null = null;

  constructor(options: MergedLoadOptions) {
    this.#options = options;
    this.#names = requestNames(options.plan.mix);
    const { mix, session } = options.plan;
    this.#tellDegraded = namesThatTellDegraded(mix);
    this.#sendsMore = (session?.follow ?? 0) > 0 || answersChallenges(mix);
    this.#live = new LiveMerger(this.#names, (sample) => options.onLive?.(sample));
  }

  /** Starts what makes the load. Until then nothing can be asked of the session. */
  async open(start: (listener: GeneratorListener) => Promise<Of>): Promise<this> {
    this.#generators = await start({
      onMessage: (message, generator) => this.#onMessage(message, generator),
      onDeath: (reason, generator) => this.#onDeath(reason, generator),
    });
    return this;
  }

  get generators(): Of {
    if (this.#generators === null || this.#stopping !== null) {
      throw new FaultlineError("LOAD_FAILED", "the load has been stopped");
    }
    return this.#generators;
  }

  get announceMs(): number {
    return this.#options.announceMs ?? ANNOUNCE_MS;
  }

  async begin(segment: Segment, atMs = 0): Promise<{ readonly startedAtMs: number }> {
    const { generators } = this;
    if (this.#segments.has(segment.id)) throw new Error(`segment "${segment.id}" has begun before`);
    const aheadMs = this.#hasBegun ? this.announceMs : (this.#options.firstAnnounceMs ?? this.announceMs);
    const startMs = Math.max(atMs, monotonicMs() + aheadMs);
    if (!this.#hasBegun) this.#options.absences?.begin(startMs);
    this.#hasBegun = true;
    this.#endCurrent(startMs);
    this.#current = segment.id;
    this.#segments.set(segment.id, {
      limits: segment.limits,
      accumulator: new SegmentAccumulator(
        this.#names,
        segment.limits,
        generators.count,
        this.#tellDegraded,
        this.#sendsMore,
        timedIn(this.#options.plan.mix).map(({ name }) => name),
      ),
      startMs,
      startedAt: new Date(Date.now() + startMs - monotonicMs()).toISOString(),
      endMs: null,
      waitingFor: new Set(generators.alive),
      known: Array.from({ length: generators.count }, () => 0),
      absent: new Set(this.#options.absences === undefined ? [] : this.#gone),
      lost: this.#lost,
      ...settlement(),
    });
    generators.send({ kind: "begin", segment, atUs: startMs * 1000 });
    await sleep(Math.max(0, startMs - monotonicMs()));
    return { startedAtMs: startMs };
  }

  async end(atMs = 0): Promise<void> {
    if (this.#current === null) return;
    const endMs = Math.max(atMs, monotonicMs() + this.announceMs);
    this.#endCurrent(endMs);
    this.generators.send({ kind: "end", atUs: endMs * 1000 });
    await sleep(Math.max(0, endMs - monotonicMs()));
  }

  async drain(segmentId: string): Promise<SegmentMeasurement> {
    const segment = this.#segment(segmentId);
    if (segment.endMs === null) throw new Error(`segment "${segmentId}" has not ended`);
    if (segment.waitingFor.size === 0) segment.settle();
    const untilEndMs = Math.max(0, segment.endMs - monotonicMs());
    const deadlineMs = untilEndMs + longestTimeoutMs(this.#options.plan) + DRAIN_GRACE_MS;
    await withDeadline(segment.settled, deadlineMs, () => new Error("late")).catch(() => {
      segment.lost ??= "a load thread did not report in time";
    });
    this.#segments.delete(segmentId);
    const oldestMs = Math.min(segment.endMs, ...[...this.#segments.values()].map(({ startMs }) => startMs));
    await this.#options.absences?.caughtUp(segment.endMs);
    const measured = this.#measure(segment, [], true);
    this.#options.absences?.forget(oldestMs);
    return measured;
  }

  async snapshot(segmentId: string): Promise<SegmentMeasurement> {
    const segment = this.#segment(segmentId);
    const { generators } = this;
    const open: SecondReport[] = [];
    if (segment.waitingFor.size > 0) {
      const question = ++this.#lastQuestion;
      const { settled, settle } = settlement();
      const waitingFor = new Set(generators.alive);
      this.#questions.set(question, { segmentId, open, waitingFor, answer: settle });
      generators.send({ kind: "snapshot", segmentId, question });
      if (waitingFor.size === 0) settle();
      await withDeadline(settled, SNAPSHOT_DEADLINE_MS, () => new Error("late")).catch(() => {
        segment.lost ??= "a load thread did not answer in time";
      });
      this.#questions.delete(question);
    }
    await this.#options.absences?.caughtUp(segment.endMs ?? monotonicMs());
    return this.#measure(segment, open);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#generators?.stop() ?? Promise.resolve();
    this.#options.absences?.end();
    for (const segment of this.#segments.values()) {
      segment.lost ??= "the load was stopped";
      segment.settle();
    }
    for (const question of this.#questions.values()) question.answer();
    return this.#stopping;
  }

  #segment(id: string): OpenSegment {
    const segment = this.#segments.get(id);
    if (segment === undefined) throw new Error(`there is no segment "${id}" (or it was drained)`);
    return segment;
  }

  #endCurrent(endMs: number): void {
    const current = this.#current === null ? undefined : this.#segments.get(this.#current);
    if (current !== undefined) current.endMs ??= endMs;
    this.#current = null;
  }

  /** `isLast`: nothing is asked of the segment any more. */
  #measure(segment: OpenSegment, open: readonly SecondReport[], isLast = false): SegmentMeasurement {
    const endMs = segment.endMs ?? monotonicMs();
    const { absent, accumulator } = segment;
    const shares = [...absent].map((generator) => this.#absentShare(segment, generator, endMs));
    if (isLast) for (const { worker, reports } of shares) accumulator.addTotals(totalsOf(worker, reports));
    const reports = [...open, ...shares.flatMap((share) => share.reports)];
    const durationS = Math.max(0, endMs - segment.startMs) / 1000;
    const measured = accumulator.measure(durationS, segment.startedAt, reports, segment.lost);
    return shares.length === 0 ? measured : { ...measured, lostWorkers: lostWorkersOf(shares) };
  }

  #absentShare({ known, startMs, limits }: OpenSegment, generator: number, endMs: number): AbsentShare {
    const { absences } = this.#options;
    const fromS = known[generator] ?? 0;
    const reports = absences?.shareOf(generator, { startMs, fromSecond: fromS, endMs, limits }) ?? [];
    return { worker: absences?.workerOf(generator) ?? "", fromS, reports };
  }

  #onMessage(message: FromThread, generator: number): void {
    switch (message.kind) {
      case "progress": {
        const segment = this.#segments.get(message.segmentId);
        if (segment === undefined) return;
        segment.accumulator.addTotals(message.totals);
        this.#tellTraces(segment, message);
        for (const second of message.seconds) {
          segment.accumulator.addSecond(second);
          segment.known[generator] = second.second + 1;
        }
        return;
      }
      case "drained": {
        const segment = this.#segments.get(message.segmentId);
        if (segment === undefined) return;
        // A generator that heard of the end too late had given the segment requests that were due after it.
        segment.endMs = Math.max(segment.endMs ?? 0, message.endUs / 1000);
        segment.waitingFor.delete(generator);
        if (segment.waitingFor.size === 0) segment.settle();
        return;
      }
      case "snapshot": {
        const question = this.#questions.get(message.question);
        // A loop, because an hour of seconds would overflow the argument stack.
        for (const second of message.open) question?.open.push(second);
        question?.waitingFor.delete(generator);
        if (question?.waitingFor.size === 0) question.answer();
        return;
      }
      case "ids_lost":
        this.#options.onIdsLost?.(message.reason);
        return;
      case "live":
        if (this.#generators !== null) this.#live.add(message, generator, this.#generators.alive);
        return;
    }
  }

  #tellTraces({ startMs }: OpenSegment, { segmentId, totals: { traces } }: SegmentProgress): void {
    if (traces.length === 0) return;
    this.#options.onTraces?.(
      traces.map((trace) => ({
        ...namedTrace(trace, this.#names),
        phase: segmentId,
        dueMs: startMs + trace.dueS * 1000,
      })),
    );
  }

  #onDeath(reason: string, generator: number): void {
    const { absences, plan } = this.#options;
    this.#gone.add(generator);
    absences?.gone(generator);
    const isLast = (this.#generators?.alive.size ?? 0) === 0;
    if (absences === undefined || isLast) this.#lost ??= reason;
    for (const segment of this.#segments.values()) {
      // What it had not reported is gone. Without a schedule nobody knows how much that was.
      const isUnknown = plan.model.kind === "closed" && segment.waitingFor.has(generator);
      if (this.#lost !== null || isUnknown) segment.lost ??= reason;
      if (absences !== undefined && segment.waitingFor.has(generator)) segment.absent.add(generator);
      segment.waitingFor.delete(generator);
      if (segment.waitingFor.size === 0) segment.settle();
    }
    for (const question of this.#questions.values()) {
      question.waitingFor.delete(generator);
      if (question.waitingFor.size === 0) question.answer();
    }
    if (this.#lost !== null) this.#options.onLost?.(reason);
  }
}

/** What is not known to have been sent, and by whom it should have been. */
interface AbsentShare {
  readonly worker: string;
  readonly fromS: number;
  readonly reports: readonly SecondReport[];
}

function totalsOf(worker: string, reports: readonly SecondReport[]): SegmentTotals {
  const due = new Map<number, number>();
  for (const { name, counts } of reports.flatMap(({ names }) => names)) {
    due.set(name, (due.get(name) ?? 0) + counts.scheduled);
  }
  const reason = `unsent: lost with worker ${worker}`;
  const reasons = [...due].map(([name, count]) => ({ name, reasons: { [reason]: count } }));
  return {
    connectionsOpened: 0,
    bytesSent: 0,
    bytesReceived: 0,
    reasons,
    statuses: [],
    samples: [],
    traces: [],
  };
}

/** A worker may have had several generators. */
function lostWorkersOf(shares: readonly AbsentShare[]): readonly LostWorker[] {
  return [...new Set(shares.map(({ worker }) => worker))].map((worker) => {
    const own = shares.filter((share) => share.worker === worker);
    const due: number[] = [];
    for (const { second, names } of own.flatMap(({ reports }) => reports)) {
      while (due.length <= second) due.push(0);
      due[second]! += names.reduce((sum, { counts }) => sum + counts.scheduled, 0);
    }
    return { worker, fromS: Math.min(...own.map(({ fromS }) => fromS)), due };
  });
}

function settlement(): { readonly settled: Promise<void>; readonly settle: () => void } {
  let settle = () => {};
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { settled, settle };
}
