import type { SegmentMeasurement } from "../measure/segment-accumulator.js";
import { namedTrace } from "../measure/tracing/kept-traces.js";
import { longestTimeoutMs, namesThatTellDegraded, requestNames, timedIn } from "../plan/load-mix.js";
import { monotonicMs, sleep, withDeadline } from "../support/clock.js";
import { FaultlineError } from "../support/errors.js";
import { answersChallenges } from "./authentication/answers-challenges.js";
import { LiveMerger } from "./counting/live-merger.js";
import type { GeneratorListener, Generators } from "./generators.js";
import type { Absences } from "./merging/absences.js";
import { type HeldSeconds, OpenSegment } from "./merging/open-segment.js";
import { Questions } from "./merging/questions.js";
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

/** A load session that merges what its generators count. */
export class MergedLoad<Of extends Generators = Generators> implements LoadSession {
  readonly #options: MergedLoadOptions;
  readonly #names: readonly string[];
  readonly #timedNames: readonly string[];
  readonly #tellDegraded: ReadonlySet<string>;
  /** A request may go out once more: to where its answer leads, or with the answer to a challenge. */
  readonly #sendsMore: boolean;
  readonly #segments = new Map<string, OpenSegment>();
  readonly #questions = new Questions();
  readonly #live: LiveMerger;
  readonly #gone = new Set<number>();
  #generators: Of | null = null;
  #hasBegun = false;
  #current: string | null = null;
  #lost: string | null = null;
  #stopping: Promise<void> | null = null;

  constructor(options: MergedLoadOptions) {
    const { mix, session } = options.plan;
    this.#options = options;
    this.#names = requestNames(mix);
    this.#timedNames = timedIn(mix).map(({ name }) => name);
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
    this.#hasBegun = true;
    this.#endCurrent(startMs);
    this.#current = segment.id;
    const opened = new OpenSegment({
      startMs,
      startedAt: new Date(Date.now() + startMs - monotonicMs()).toISOString(),
      limits: segment.limits,
      names: this.#names,
      tellDegraded: this.#tellDegraded,
      sendsMore: this.#sendsMore,
      timedNames: this.#timedNames,
      generators: generators.count,
      alive: generators.alive,
      absences: this.#options.absences ?? null,
      gone: this.#gone,
      lost: this.#lost,
    });
    this.#segments.set(segment.id, opened);
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
    const untilEndMs = Math.max(0, segment.endMs - monotonicMs());
    const deadlineMs = untilEndMs + longestTimeoutMs(this.#options.plan) + DRAIN_GRACE_MS;
    await withDeadline(segment.settled, deadlineMs, () => new Error("late")).catch(() => {
      segment.lose("a load thread did not report in time");
    });
    this.#segments.delete(segmentId);
    const endMs = segment.endMs;
    const oldestMs = Math.min(endMs, ...[...this.#segments.values()].map(({ startMs }) => startMs));
    await this.#options.absences?.caughtUp(endMs);
    const measured = segment.measure(endMs, new Map(), true);
    this.#options.absences?.forget(oldestMs);
    return measured;
  }

  async snapshot(segmentId: string): Promise<SegmentMeasurement> {
    const segment = this.#segment(segmentId);
    const { generators } = this;
    if (segment.isSettled) return this.#soFar(segment, new Map());
    const asked = this.#questions.ask(generators.alive, (question) =>
      generators.send({ kind: "snapshot", segmentId, question }),
    );
    await withDeadline(asked.settled, SNAPSHOT_DEADLINE_MS, () => new Error("late")).catch(() => {
      segment.lose("a load thread did not answer in time");
    });
    asked.close();
    return this.#soFar(segment, asked.answers);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#generators?.stop() ?? Promise.resolve();
    this.#options.absences?.end();
    for (const segment of this.#segments.values()) {
      segment.lose("the load was stopped");
      segment.settle();
    }
    this.#questions.end();
    return this.#stopping;
  }

  #segment(id: string): OpenSegment {
    const segment = this.#segments.get(id);
    if (segment === undefined) throw new Error(`there is no segment "${id}" (or it was drained)`);
    return segment;
  }

  #endCurrent(endMs: number): void {
    this.#options.absences?.change(endMs);
    if (this.#current !== null) this.#segments.get(this.#current)?.end(endMs);
    this.#current = null;
  }

  async #soFar(segment: OpenSegment, held: HeldSeconds): Promise<SegmentMeasurement> {
    await this.#options.absences?.caughtUp(segment.endMs ?? monotonicMs());
    return segment.measure(monotonicMs(), held, false);
  }

  #onMessage(message: FromThread, generator: number): void {
    switch (message.kind) {
      case "progress": {
        const segment = this.#segments.get(message.segmentId);
        if (segment === undefined) return;
        this.#tellTraces(segment, message);
        segment.progress(message, generator);
        return;
      }
      case "drained":
        this.#segments.get(message.segmentId)?.drained(generator, message.endUs / 1000);
        return;
      case "snapshot":
        this.#questions.answered(message.question, generator, message.open);
        return;
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
      const isUnknown = plan.model.kind === "closed" && segment.isAwaited(generator);
      if (this.#lost !== null || isUnknown) segment.lose(reason);
      segment.gone(generator);
    }
    this.#questions.gone(generator);
    if (this.#lost !== null) this.#options.onLost?.(reason);
  }
}
