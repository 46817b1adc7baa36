import type { LoadPlan } from "../../../plan/load-plan.js";
import { monotonicMs, sleep } from "../../../support/clock.js";
import { FaultlineError, messageOf } from "../../../support/errors.js";
import type { GeneratorListener, Generators } from "../../generators.js";
import type { Share } from "../../share.js";
import type { ToThread } from "../../thread-messages.js";
import { LINE_BEAT_MS, NumberedLine } from "../line.js";
import { fromWorker, type SaidByThread, type ToRun, type ToWorker, toWorker } from "../messages.js";
import { mostBytesOf, type NatsServer } from "../nats-server.js";
import type { Seal } from "../sealing.js";
import { unpackPlan } from "../wire-format.js";

/** A run that says nothing for this long is gone, or this worker is cut off: it must not go on loading. */
const SILENT_MS = 2_500;
/** Before the load nothing is sent, and plans are large. */
const SILENT_BEFORE_LOAD_MS = 25_000;
const LOOK_EVERY_MS = 50;
/** Last words are sent again for this long, until they have come. */
const LINGER_MS = 1_000;

export interface AssignmentOptions {
  readonly nats: NatsServer;
  readonly run: string;
  readonly worker: string;
  readonly seal: Seal;
  /** Checks a plan and prepares this machine for it. @returns a function that undoes that. @throws FaultlineError. */
  readonly prepare: (plan: LoadPlan, onSpoilt: (reason: string) => void) => Promise<() => void>;
  /** Makes the load of these shares. */
  readonly startThreads: StartThreads;
  readonly say: (text: string) => void;
}

export type StartThreads = (
  plan: LoadPlan,
  shares: readonly Share[],
  listener: GeneratorListener,
) => Promise<Generators>;

/** One run's work for this worker, until the run ends, or nothing is heard of it. */
export class Assignment {
  readonly #options: AssignmentOptions;
  readonly #line: NumberedLine<ToRun, ToWorker>;
  readonly #ended: Promise<void>;
  readonly #tellEnd: () => void;
  readonly #release: () => void;
  /** What threads have said in this turn of the event loop. It goes in one message: each costs the run as much as what is in it. */
  #said: SaidByThread[] = [];
  #threads: Generators | null = null;
  #undo: () => void = () => {};
  #isAsked = false;
  #isLoading = false;
  #wasSilent = false;
  #isOver = false;

  constructor(options: AssignmentOptions) {
    const { nats, run, worker, seal } = options;
    this.#options = options;
    let tellEnd = () => {};
    this.#ended = new Promise<void>((resolve) => {
      tellEnd = resolve;
    });
    this.#tellEnd = tellEnd;
    const subject = fromWorker(run, worker);
    this.#line = new NumberedLine({
      seal,
      mostBytes: mostBytesOf(nats),
      publish: (frame) => {
        if (!nats.isClosed()) nats.publish(subject, frame);
      },
      onMessage: (message) => this.#onMessage(message),
      onUnreadable: (reason) => void this.end(`what the run sends cannot be read: ${reason}`),
      answersBeats: true,
    });
    const frames = nats.subscribe(toWorker(run, worker), {
      callback: (error, message) => {
        if (error === null) this.#line.receive(message.data);
      },
    });
    const beat = setInterval(() => this.#line.beat(), LINE_BEAT_MS);
    const look = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#release = () => {
      clearInterval(beat);
      clearInterval(look);
      this.#line.close();
      if (!nats.isClosed()) frames.unsubscribe();
    };
  }

  /** It was taken for this run, which has said nothing since: its answer came late, or got lost. */
  isStillFree(run: string): boolean {
    return run === this.#options.run && !this.#isOver && !this.#isAsked;
  }

  /** Resolves when the worker may work for another run. */
  get over(): Promise<void> {
    return this.#ended;
  }

  /** Stops sending at once, and tells the run why. */
  async end(reason: string): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    await this.#threads?.stop();
    this.#undo();
    this.#tellSaid();
    this.#options.say(`the run is over: ${reason}`);
    this.#line.send({ kind: "ended", reason });
    const untilMs = monotonicMs() + LINGER_MS;
    while (!this.#line.isQuiet && monotonicMs() < untilMs) await sleep(LOOK_EVERY_MS);
    this.#release();
    this.#tellEnd();
  }

  #look(): void {
    if (this.#isOver) return;
    const mostMs = this.#isLoading ? SILENT_MS : SILENT_BEFORE_LOAD_MS;
    const isSilent = monotonicMs() - this.#line.heardMs > mostMs;
    const hasLooked = this.#wasSilent;
    this.#wasSilent = isSilent;
    // Where this process itself stood still, what it was told lies unread until after its first look.
    if (isSilent && hasLooked) {
      void this.end(`it heard nothing of its run for ${mostMs / 1000} s`);
    }
  }

  #onMessage(message: ToWorker): void {
    if (this.#isOver) return;
    this.#isAsked = true;
    switch (message.kind) {
      case "prepare":
        void this.#prepare(message.packed, message.shares);
        return;
      case "threads":
        this.#pass(message.message);
        return;
      case "stop":
        void this.end("it was told to stop");
        return;
    }
  }

  async #prepare(packed: Uint8Array, shares: readonly Share[]): Promise<void> {
    const { prepare, startThreads, say } = this.#options;
    try {
      const plan = unpackPlan(packed);
      const undo = await prepare(plan, (reason) => this.#line.send({ kind: "spoilt", reason }));
      if (this.#isOver) return undo();
      this.#undo = undo;
      const threads = await startThreads(plan, shares, {
        onMessage: (message, thread) => this.#onSaid({ thread, message }),
        onDeath: (reason) => void this.end(reason),
      });
      this.#threads = threads;
      // The run was over before its threads were ready.
      if (this.#isOver) return void (await threads.stop());
      say(`ready to load ${plan.target.url}`);
      this.#line.send({ kind: "ready" });
    } catch (error) {
      const code = error instanceof FaultlineError ? error.code : null;
      say(`cannot work for this run: ${messageOf(error)}`);
      this.#line.send({ kind: "failed", code, message: messageOf(error) });
    }
  }

  #onSaid(said: SaidByThread): void {
    if (this.#said.length === 0) setImmediate(() => this.#tellSaid());
    this.#said.push(said);
  }

  #tellSaid(): void {
    const said = this.#said;
    if (said.length === 0) return;
    this.#said = [];
    this.#line.send({ kind: "threads", said });
  }

  #pass(message: ToThread): void {
    if (message.kind !== "snapshot") {
      this.#isLoading = true;
      this.#line.send({ kind: "heard", lateMs: Math.max(0, monotonicMs() - message.atUs / 1000) });
    }
    this.#threads?.send(message);
  }
}
