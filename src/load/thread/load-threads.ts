import { Worker } from "node:worker_threads";
import type { LoadPlan } from "../../plan/load-plan.js";
import { withDeadline } from "../../support/clock.js";
import { FaultlineError, messageOf } from "../../support/errors.js";
import type { GeneratorListener, Generators } from "../generators.js";
import type { Share } from "../share.js";
import type { FromThread, Leave, Left, ThreadStart, ToThread } from "../thread-messages.js";

/** Starting a thread takes tens of milliseconds. A machine that needs this long cannot make load. */
const START_DEADLINE_MS = 60_000;

/** For connections that want an end of their own. A thread gives them 1 s. */
const LEAVE_DEADLINE_MS = 1_500;

/** What the worker threads run. */
export const LOAD_THREAD = new URL("./load-thread.js", import.meta.url);

/** The load threads. They start together, each with its share of the plan. */
export class LoadThreads implements Generators {
  readonly workers: readonly Worker[];
  readonly #alive = new Set<number>();
  /** Threads with connections that want an end of their own. */
  readonly #takeLeave = new Set<number>();
  #stopped = false;

  private constructor(workers: readonly Worker[]) {
    this.workers = workers;
  }

  /** @throws SCENARIO_INVALID for what cannot be sent, LOAD_FAILED when a thread does not start. */
  static async start(
    plan: LoadPlan,
    shares: readonly Share[],
    listener: GeneratorListener,
    threadFile: URL,
  ): Promise<LoadThreads> {
    const workers = shares.map((share) => {
      const start: ThreadStart = { plan, ...share };
      return new Worker(threadFile, { workerData: start });
    });
    const threads = new LoadThreads(workers);
    try {
      const late = () => notStarted(`it took more than ${START_DEADLINE_MS / 1000} s`);
      await Promise.all(
        workers.map((worker, thread) =>
          withDeadline(threads.#listen(worker, thread, listener), START_DEADLINE_MS, late),
        ),
      );
    } catch (error) {
      await threads.stop();
      throw error;
    }
    return threads;
  }

  get count(): number {
    return this.workers.length;
  }

  /** Threads that can still be asked. */
  get alive(): ReadonlySet<number> {
    return this.#alive;
  }

  send(message: ToThread): void {
    for (const thread of this.#alive) this.workers[thread]?.postMessage(message);
  }

  /** Ends the threads and with them all their sockets. Those that want an end of their own have a moment for it. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const leaving = [...this.#alive].filter((thread) => this.#takeLeave.has(thread));
    if (leaving.length > 0) {
      const left = Promise.all(leaving.map((thread) => leave(this.workers[thread]!)));
      await withDeadline(left, LEAVE_DEADLINE_MS, () => new Error("late")).catch(() => {});
    }
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  /** Resolves when the thread is ready. From then on the listener is told everything. */
  #listen(worker: Worker, thread: number, listener: GeneratorListener): Promise<void> {
    return new Promise((resolve, reject) => {
      let ready = false;
      const die = (reason: string) => {
        if (!ready) reject(notStarted(reason));
        else if (this.#alive.delete(thread) && !this.#stopped) listener.onDeath(reason, thread);
      };
      // Only run-thread.ts sends here, and it sends nothing else.
      worker.on("message", (message: FromThread | Left) => {
        if (message.kind === "left") return;
        if (ready) {
          listener.onMessage(message, thread);
          return;
        }
        if (message.kind === "ready") {
          ready = true;
          this.#alive.add(thread);
          if (message.takesLeave) this.#takeLeave.add(thread);
          resolve();
        } else if (message.kind === "failed") {
          reject(
            message.code === null
              ? notStarted(message.message)
              : new FaultlineError(message.code, message.message),
          );
        }
      });
      worker.on("error", (error) => die(`load thread ${thread + 1} failed: ${messageOf(error)}`));
      worker.on("exit", (code) => die(`load thread ${thread + 1} ended with code ${code}`));
    });
  }
}

/** Resolves when the thread may be ended, or is gone. */
function leave(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    worker.once("exit", () => resolve());
    worker.on("message", ({ kind }: FromThread | Left) => {
      if (kind === "left") resolve();
    });
    const message: Leave = { kind: "leave" };
    worker.postMessage(message);
  });
}

function notStarted(reason: string): FaultlineError {
  return new FaultlineError("LOAD_FAILED", `the load could not be started: ${reason}`);
}
