import { requestNames } from "../../plan/load-mix.js";
import type { LoadPlan } from "../../plan/load-plan.js";
import { monotonicMs, sleep, withDeadline } from "../../support/clock.js";
import { FaultlineError } from "../../support/errors.js";
import type { GeneratorListener, Generators } from "../generators.js";
import type { FromThread, ToThread } from "../thread-messages.js";
import type { OffsetEstimate } from "./clock-offset.js";
import { eachAtMost } from "./each-at-most.js";
import type { ToRun } from "./messages.js";
import type { RemoteWorker } from "./remote-worker.js";
import { packPlan } from "./wire-format.js";
import { WorkerTally } from "./worker-tally.js";

/** Getting a plan with large data files, and starting threads, may take a worker this long. */
const START_DEADLINE_MS = 60_000;
/** So much of plans is under way at once. Other workers wait for their turn. */
const MOST_PLAN_BYTES = 64 * 1024 * 1024;
const STOP_DEADLINE_MS = 1_000;
const LOOK_EVERY_MS = 10;
/** Clocks that have surely drifted apart by more are brought together at the next change. */
const MOST_OFF_MS = 1;
const NOT_KNOWN: OffsetEstimate = { offsetMs: 0, errorMs: 0 };

/** A worker, with what is known of it in this load. */
export interface LoadingWorker {
  readonly worker: RemoteWorker;
  /** Numbers of its generators. */
  readonly generators: readonly number[];
  readonly tally: WorkerTally;
  /** The latest that it heard of a change. */
  lateMs: number;
}

export interface RemoteOptions {
  readonly plan: LoadPlan;
  readonly workers: readonly RemoteWorker[];
  readonly threadsEach: number;
  readonly onSpoilt: (worker: string, reason: string) => void;
  /** A worker is gone, and with it all its generators. @returns what is said of it. */
  readonly onLost: (worker: RemoteWorker, reason: string) => string;
}

/** Threads of workers on other machines. Each worker's clock is known, and nobody but this file knows of it. */
export class RemoteGenerators implements Generators {
  readonly workers: readonly LoadingWorker[];
  readonly count: number;
  readonly #alive = new Set<number>();
  readonly #listener: GeneratorListener;
  readonly #options: RemoteOptions;
  readonly #anchors = new Map<RemoteWorker, OffsetEstimate>();
  /** Instants as workers were told them, and as they were meant: clocks are known better later. */
  readonly #told = new Map<RemoteWorker, Map<number, number>>();
  /** Null when all are ready. */
  #failStart: ((error: FaultlineError) => void) | null = null;

  private constructor(options: RemoteOptions, listener: GeneratorListener) {
    const { plan, workers, threadsEach } = options;
    const requests = requestNames(plan.mix).length;
    this.#options = options;
    this.#listener = listener;
    this.workers = workers.map((worker, at) => ({
      worker,
      generators: Array.from({ length: threadsEach }, (_, thread) => at * threadsEach + thread),
      tally: new WorkerTally(requests),
      lateMs: 0,
    }));
    this.count = workers.length * threadsEach;
    for (const worker of workers) this.#told.set(worker, new Map());
  }

  /** @throws FaultlineError what a worker found wrong; LOAD_FAILED when one did not start. */
  static async start(options: RemoteOptions, listener: GeneratorListener): Promise<RemoteGenerators> {
    const generators = new RemoteGenerators(options, listener);
    try {
      const packed = packPlan(options.plan);
      const atOnce = Math.max(1, Math.floor(MOST_PLAN_BYTES / packed.length));
      // A worker that is ready may be lost while others still get their plan.
      const lost = new Promise<never>((_, reject) => {
        generators.#failStart = reject;
      });
      lost.catch(() => {});
      await Promise.race([
        lost,
        eachAtMost(atOnce, generators.workers, (of) => generators.#prepare(of, packed)),
      ]);
      generators.#failStart = null;
    } catch (error) {
      await generators.stop();
      throw error;
    }
    return generators;
  }

  get alive(): ReadonlySet<number> {
    return this.#alive;
  }

  send(message: ToThread): void {
    for (const { worker, tally } of this.workers) {
      if (worker.lostBecause !== null) continue;
      if (message.kind === "begin") {
        tally.begin(message.segment.id);
        worker.loads();
      }
      worker.line.send({ kind: "threads", message: this.#toClockOf(worker, message) });
    }
  }

  async stop(): Promise<void> {
    this.#alive.clear();
    await Promise.all(
      this.workers.map(async ({ worker }) => {
        if (worker.lostBecause !== null) return;
        worker.line.send({ kind: "stop" });
        const untilMs = monotonicMs() + STOP_DEADLINE_MS;
        while (worker.lostBecause === null && monotonicMs() < untilMs) await sleep(LOOK_EVERY_MS);
        worker.close();
      }),
    );
  }

  /** Resolves when the worker's threads are ready. From then on the listener is told everything. */
  async #prepare(of: LoadingWorker, packed: Uint8Array): Promise<void> {
    const { worker, generators } = of;
    const gone = this.workers.find((one) => one.worker.lostBecause !== null)?.worker ?? null;
    if (gone !== null) throw lostBefore(gone, gone.lostBecause ?? "");
    const ready = new Promise<void>((resolve, reject) => {
      worker.listener = {
        onMessage: (message) => {
          if (message.kind === "ready") resolve();
          else if (message.kind === "failed") {
            const text = `worker ${worker.name}: ${message.message}`;
            reject(new FaultlineError(message.code ?? "LOAD_FAILED", text));
          } else this.#onMessage(of, message);
        },
        onLost: (reason) => {
          reject(lostBefore(worker, reason));
          if (this.#failStart === null) this.#onLost(of, reason);
          else this.#failStart(lostBefore(worker, reason));
        },
      };
    });
    const shares = generators.map((thread) => ({ thread, threads: this.count }));
    worker.line.send({ kind: "prepare", packed, shares });
    const late = () => lostBefore(worker, `it was not ready after ${START_DEADLINE_MS / 1000} s`);
    await withDeadline(ready, START_DEADLINE_MS, late);
    for (const generator of generators) this.#alive.add(generator);
  }

  #onMessage(of: LoadingWorker, message: ToRun): void {
    const { worker, generators, tally } = of;
    if (message.kind === "spoilt") this.#options.onSpoilt(worker.name, message.reason);
    if (message.kind === "heard") of.lateMs = Math.max(of.lateMs, message.lateMs);
    if (message.kind !== "threads") return;
    for (const { thread, message: own } of message.said) {
      const generator = generators[thread];
      if (generator === undefined || !this.#alive.has(generator)) continue;
      if (own.kind === "progress") tally.add(own);
      this.#listener.onMessage(this.#toOwnClock(worker, own), generator);
    }
  }

  #onLost({ worker, generators }: LoadingWorker, reason: string): void {
    const lost = generators.filter((generator) => this.#alive.delete(generator));
    if (lost.length === 0) return;
    const text = this.#options.onLost(worker, reason);
    for (const generator of lost) this.#listener.onDeath(text, generator);
  }

  #toClockOf(worker: RemoteWorker, message: ToThread): ToThread {
    if (message.kind === "snapshot") return message;
    // Whole microseconds stay exact: requests that are due at a second's very begin stay in it.
    const atUs = Math.round(message.atUs) + Math.round(1000 * this.#anchorOf(worker));
    this.#told.get(worker)?.set(atUs, message.atUs);
    return { ...message, atUs };
  }

  /**
   * What instants are told by. The worker's schedule runs on its own clock, so a better estimate alone is no reason to change
   * it: a phase would get a request more or less.
   */
  #anchorOf(worker: RemoteWorker): number {
    const known = this.#anchors.get(worker);
    const best = worker.line.clock.best(monotonicMs()) ?? NOT_KNOWN;
    if (known !== undefined) {
      const mayDifferMs = known.errorMs + best.errorMs + MOST_OFF_MS;
      if (Math.abs(best.offsetMs - known.offsetMs) <= mayDifferMs) return known.offsetMs;
    }
    this.#anchors.set(worker, best);
    return best.offsetMs;
  }

  #toOwnClock(worker: RemoteWorker, message: FromThread): FromThread {
    switch (message.kind) {
      case "live":
        return { ...message, atMs: message.atMs - offsetOf(worker) };
      case "drained": {
        const asTold = this.#told.get(worker)?.get(message.endUs);
        return { ...message, endUs: asTold ?? message.endUs - 1000 * offsetOf(worker) };
      }
      default:
        return message;
    }
  }
}

/** How far the worker's clock is ahead. */
function offsetOf({ line }: RemoteWorker): number {
  return line.clock.best(monotonicMs())?.offsetMs ?? 0;
}

function lostBefore({ name, offer }: RemoteWorker, reason: string): FaultlineError {
  return new FaultlineError(
    "LOAD_FAILED",
    `worker ${name} on ${offer.host} was lost before the load began: ${reason}`,
  );
}
