import {
  type SecondReport,
  SegmentAccumulator,
  type SegmentMeasurement,
} from "../measure/segment-accumulator.js";
import { namedTrace } from "../measure/tracing/kept-traces.js";
import { namesThatTellDegraded, requestNames } from "../plan/load-mix.js";
import type { LoadPlan } from "../plan/load-plan.js";
import { peakOf } from "../plan/profile.js";
import { monotonicMs, sleep, withDeadline } from "../support/clock.js";
import { FaultlineError } from "../support/errors.js";
import { LiveMerger } from "./counting/live-merger.js";
import type { Protocol } from "./protocol.js";
import { PROTOCOLS, protocolFor } from "./protocols.js";
import type { LoadSession, LoadSessionOptions, Segment, StartLoad } from "./session.js";
import { settleProtocol } from "./settle-protocol.js";
import { connectionsOf } from "./share.js";
import { LOAD_THREAD, LoadThreads } from "./thread/load-threads.js";
import type { FromThread, SegmentProgress } from "./thread-messages.js";

/** A change of segment is announced this long ahead, so that it reaches every thread before its instant. */
const ANNOUNCE_MS = 20;
/** After the timeout, a thread may take this long to report that a segment has settled. */
const DRAIN_GRACE_MS = 5_000;
const SNAPSHOT_DEADLINE_MS = 5_000;

/**
 * Starts the load threads. Load itself begins with the first segment.
 * @throws UNSUPPORTED_PROTOCOL, SCENARIO_INVALID, TARGET_UNREACHABLE or LOAD_FAILED.
 */
export const startLoad: StartLoad = loadOver(PROTOCOLS, LOAD_THREAD);

/** `threadFile`: the file of a worker that chooses from the same protocols. */
export function loadOver(protocols: readonly Protocol[], threadFile: URL): StartLoad {
  return async (options) => {
    const plan = await settleProtocol(options.plan);
    const protocol = protocolFor(plan, protocols);
    checkModel(plan);
    refuseUncarriedIds(plan, protocol);
    await protocol.check(plan);
    return ThreadedLoad.start({ ...options, plan }, threadFile);
  };
}

interface OpenSegment {
  readonly accumulator: SegmentAccumulator;
  readonly startMs: number;
  readonly startedAt: string;
  endMs: number | null;
  /** Threads that still have requests of the segment without an outcome. */
  readonly waitingFor: Set<number>;
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

/** A load session over worker threads. `threads` is there for tests that end one. */
export class ThreadedLoad implements LoadSession {
  readonly #options: LoadSessionOptions;
  readonly #names: readonly string[];
  readonly #tellDegraded: ReadonlySet<string>;
  readonly #segments = new Map<string, OpenSegment>();
  readonly #questions = new Map<number, Question>();
  readonly #live: LiveMerger;
  #threads: LoadThreads | null = null;
  #current: string | null = null;
  #lost: string | null = null;
  #lastQuestion = 0;
  #stopping: Promise<void> | null = null;

  private constructor(options: LoadSessionOptions) {
    this.#options = options;
    this.#names = requestNames(options.plan.mix);
    this.#tellDegraded = namesThatTellDegraded(options.plan.mix);
    this.#live = new LiveMerger(this.#names, (sample) => options.onLive?.(sample));
  }

  static async start(options: LoadSessionOptions, threadFile = LOAD_THREAD): Promise<ThreadedLoad> {
    const session = new ThreadedLoad(options);
    const listener = {
      onMessage: (message: FromThread, thread: number) => session.#onMessage(message, thread),
      onDeath: (reason: string, thread: number) => session.#onDeath(reason, thread),
    };
    const count = threadCount(options.plan);
    session.#threads = await LoadThreads.start(options.plan, count, listener, threadFile);
    return session;
  }

  get threads(): LoadThreads {
    if (this.#threads === null || this.#stopping !== null) {
      throw new FaultlineError("LOAD_FAILED", "the load has been stopped");
    }
    return this.#threads;
  }

  async begin(segment: Segment, atMs = 0): Promise<{ readonly startedAtMs: number }> {
    const { threads } = this;
    if (this.#segments.has(segment.id)) throw new Error(`segment "${segment.id}" has begun before`);
    const startMs = Math.max(atMs, monotonicMs() + ANNOUNCE_MS);
    this.#endCurrent(startMs);
    this.#current = segment.id;
    this.#segments.set(segment.id, {
      accumulator: new SegmentAccumulator(
        this.#names,
        segment.limits,
        threads.workers.length,
        this.#tellDegraded,
      ),
      startMs,
      startedAt: new Date(Date.now() + startMs - monotonicMs()).toISOString(),
      endMs: null,
      waitingFor: new Set(threads.alive),
      lost: this.#lost,
      ...settlement(),
    });
    threads.send({ kind: "begin", segment, atUs: startMs * 1000 });
    await sleep(Math.max(0, startMs - monotonicMs()));
    return { startedAtMs: startMs };
  }

  async end(atMs = 0): Promise<void> {
    if (this.#current === null) return;
    const endMs = Math.max(atMs, monotonicMs() + ANNOUNCE_MS);
    this.#endCurrent(endMs);
    this.threads.send({ kind: "end", atUs: endMs * 1000 });
    await sleep(Math.max(0, endMs - monotonicMs()));
  }

  async drain(segmentId: string): Promise<SegmentMeasurement> {
    const segment = this.#segment(segmentId);
    if (segment.endMs === null) throw new Error(`segment "${segmentId}" has not ended`);
    if (segment.waitingFor.size === 0) segment.settle();
    const untilEndMs = Math.max(0, segment.endMs - monotonicMs());
    const deadlineMs = untilEndMs + this.#options.plan.timeoutMs + DRAIN_GRACE_MS;
    await withDeadline(segment.settled, deadlineMs, () => new Error("late")).catch(() => {
      segment.lost ??= "a load thread did not report in time";
    });
    this.#segments.delete(segmentId);
    return this.#measure(segment, []);
  }

  async snapshot(segmentId: string): Promise<SegmentMeasurement> {
    const segment = this.#segment(segmentId);
    const { threads } = this;
    const open: SecondReport[] = [];
    if (segment.waitingFor.size > 0) {
      const question = ++this.#lastQuestion;
      const { settled, settle } = settlement();
      const waitingFor = new Set(threads.alive);
      this.#questions.set(question, { segmentId, open, waitingFor, answer: settle });
      threads.send({ kind: "snapshot", segmentId, question });
      if (waitingFor.size === 0) settle();
      await withDeadline(settled, SNAPSHOT_DEADLINE_MS, () => new Error("late")).catch(() => {
        segment.lost ??= "a load thread did not answer in time";
      });
      this.#questions.delete(question);
    }
    return this.#measure(segment, open);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#threads?.stop() ?? Promise.resolve();
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

  #measure(segment: OpenSegment, open: readonly SecondReport[]): SegmentMeasurement {
    const durationMs = Math.max(0, (segment.endMs ?? monotonicMs()) - segment.startMs);
    return segment.accumulator.measure(durationMs / 1000, segment.startedAt, open, segment.lost);
  }

  #onMessage(message: FromThread, thread: number): void {
    switch (message.kind) {
      case "progress": {
        const accumulator = this.#segments.get(message.segmentId)?.accumulator;
        accumulator?.addTotals(message.totals);
        this.#tellTraces(message);
        for (const second of message.seconds) accumulator?.addSecond(second);
        return;
      }
      case "drained": {
        const segment = this.#segments.get(message.segmentId);
        if (segment === undefined) return;
        // A thread that heard of the end too late had given the segment requests that were due after it.
        segment.endMs = Math.max(segment.endMs ?? 0, message.endUs / 1000);
        segment.waitingFor.delete(thread);
        if (segment.waitingFor.size === 0) segment.settle();
        return;
      }
      case "snapshot": {
        const question = this.#questions.get(message.question);
        // A loop, because an hour of seconds would overflow the argument stack.
        for (const second of message.open) question?.open.push(second);
        question?.waitingFor.delete(thread);
        if (question?.waitingFor.size === 0) question.answer();
        return;
      }
      case "ids_lost":
        this.#options.onIdsLost?.(message.reason);
        return;
      case "live":
        if (this.#threads !== null) this.#live.add(message, thread, this.#threads.alive);
        return;
    }
  }

  #tellTraces({ segmentId, totals: { traces } }: SegmentProgress): void {
    const segment = this.#segments.get(segmentId);
    if (traces.length === 0 || segment === undefined) return;
    this.#options.onTraces?.(
      traces.map((trace) => ({
        ...namedTrace(trace, this.#names),
        phase: segmentId,
        dueMs: segment.startMs + trace.dueS * 1000,
      })),
    );
  }

  /** What the thread had not reported is gone: these segments cannot be trusted any more. */
  #onDeath(reason: string, thread: number): void {
    this.#lost ??= reason;
    for (const segment of this.#segments.values()) {
      segment.lost ??= reason;
      segment.waitingFor.delete(thread);
      if (segment.waitingFor.size === 0) segment.settle();
    }
    for (const question of this.#questions.values()) {
      question.waitingFor.delete(thread);
      if (question.waitingFor.size === 0) question.answer();
    }
    this.#options.onLost?.(reason);
  }
}

/** @throws FaultlineError SCENARIO_INVALID: nothing would ever be sent, or answered in time. */
function checkModel({ model, timeoutMs }: LoadPlan): void {
  if (!(peakOf(model.profile) > 0)) {
    const what = model.kind === "open" ? "rate" : "number of connections";
    throw new FaultlineError("SCENARIO_INVALID", `the load's ${what} is never above 0`);
  }
  if (!(timeoutMs > 0)) throw new FaultlineError("SCENARIO_INVALID", "the load's timeout must be above 0");
  if (model.kind === "open" && !(model.maxConnections >= 1)) {
    throw new FaultlineError("SCENARIO_INVALID", "the load needs at least 1 connection");
  }
}

/** @throws FaultlineError UNSUPPORTED_PROTOCOL: what is asked for would not be sent. */
function refuseUncarriedIds({ tracing, target }: LoadPlan, { carriesTraceIds }: Protocol): void {
  if (!tracing || carriesTraceIds) return;
  const message = `load.tracing: requests to load.target "${target.url}" carry no trace ids; leave it out`;
  throw new FaultlineError("UNSUPPORTED_PROTOCOL", message);
}

/** Not more threads than connections: a thread without a connection could send nothing. */
function threadCount(plan: LoadPlan): number {
  return Math.max(1, Math.min(plan.workers, connectionsOf(plan.model)));
}

function settlement(): { readonly settled: Promise<void>; readonly settle: () => void } {
  let settle = () => {};
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { settled, settle };
}
