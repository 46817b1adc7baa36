import { monotonicMs } from "../../support/clock.js";
import type { BeatWheel } from "./beat-wheel.js";
import { NumberedLine } from "./line.js";
import { fromWorker, goneOf, type Offer, type ToRun, type ToWorker, toWorker } from "./messages.js";
import { mostBytesOf, type NatsServer } from "./nats-server.js";
import type { Seal } from "./sealing.js";

/** A worker that says nothing for this long is lost. By then it has stopped by itself: its own limit is shorter. */
const SILENT_MS = 3_000;
/** Before the load there is more patience: plans are large, and machines busy with services that start. */
const SILENT_BEFORE_LOAD_MS = 30_000;
/** The server says twice, this far apart, that nobody is there. One may have been a worker that was connecting again. */
const GONE_MS = 300;
/** After a connection was lost workers connect again, each in its time. */
const RECONNECTING_MS = 2_000;
/** This process stood still when two looks are further apart. What workers have sent meanwhile lies unread. */
const STOOD_STILL_MS = 1_000;

export interface RemoteWorkerOptions {
  readonly nats: NatsServer;
  readonly beats: BeatWheel;
  readonly run: string;
  readonly offer: Offer;
  readonly seal: Seal;
}

export interface WorkerListener {
  readonly onMessage: (message: ToRun) => void;
  /** It sends nothing more, or cannot be heard any more. */
  readonly onLost: (reason: string) => void;
}

/** A worker that works for this run. */
export class RemoteWorker {
  readonly offer: Offer;
  readonly line: NumberedLine<ToWorker, ToRun>;
  /** What it is called in this run: no two have one name. */
  name: string;
  listener: WorkerListener | null = null;
  readonly #end: () => void;
  #lostBecause: string | null = null;
  #isLoading = false;
  /** It has said so itself. */
  #hasEnded = false;
  #goneMs: number | null = null;
  #reconnectedMs = Number.NEGATIVE_INFINITY;
  #lookedMs = monotonicMs();
  #patientUntilMs = 0;

  constructor({ nats, beats, run, offer, seal }: RemoteWorkerOptions) {
    this.offer = offer;
    this.name = offer.name;
    const [to, gone] = [toWorker(run, offer.id), goneOf(run, offer.id)];
    this.line = new NumberedLine({
      seal,
      mostBytes: mostBytesOf(nats),
      publish: (frame) => publish(nats, to, frame, gone),
      onMessage: (message) => this.#onMessage(message),
      onUnreadable: (reason) => this.lose(`what it sends cannot be read: ${reason}`),
    });
    const frames = nats.subscribe(fromWorker(run, offer.id), {
      callback: (error, message) => {
        if (error === null) this.line.receive(message.data);
      },
    });
    const absence = nats.subscribe(gone, { callback: () => this.#onGone() });
    const stopBeats = beats.add(() => this.#look());
    this.#end = () => {
      stopBeats();
      this.line.close();
      if (nats.isClosed()) return;
      frames.unsubscribe();
      absence.unsubscribe();
    };
  }

  /** null: it is not lost. */
  get lostBecause(): string | null {
    return this.#lostBecause;
  }

  /** From now on silence is judged as fast as the worker itself judges it. */
  loads(): void {
    this.#isLoading = true;
  }

  /** The connection to the server was lost, and is there again. */
  reconnected(): void {
    this.#reconnectedMs = monotonicMs();
    this.#goneMs = null;
  }

  lose(reason: string): void {
    if (this.#lostBecause !== null) return;
    this.#lostBecause = reason;
    // It may still be loading: its own limit is reached later, or never.
    if (!this.#hasEnded) this.line.send({ kind: "stop" });
    this.#end();
    this.listener?.onLost(reason);
  }

  close(): void {
    this.#lostBecause ??= "the run was over";
    this.#end();
  }

  #onMessage(message: ToRun): void {
    if (message.kind === "ended") {
      this.#hasEnded = true;
      this.lose(message.reason);
    } else this.listener?.onMessage(message);
  }

  #onGone(): void {
    const nowMs = monotonicMs();
    // It was not there yet, or connects again.
    if (!this.line.isHeard || nowMs - this.#reconnectedMs < RECONNECTING_MS) return;
    if (this.#lostBecause !== null) return;
    this.#goneMs ??= nowMs;
    if (this.line.heardMs > this.#goneMs) this.#goneMs = nowMs;
    if (nowMs - this.#goneMs >= GONE_MS) this.lose("its process is gone, or its connection");
  }

  #look(): void {
    const nowMs = monotonicMs();
    if (nowMs - this.#lookedMs > STOOD_STILL_MS) this.#patientUntilMs = nowMs + STOOD_STILL_MS;
    this.#lookedMs = nowMs;
    this.line.beat();
    if (nowMs < this.#patientUntilMs) return;
    const mostMs = this.#isLoading ? SILENT_MS : SILENT_BEFORE_LOAD_MS;
    if (nowMs - this.line.heardMs > mostMs) this.lose(`nothing was heard of it for ${mostMs / 1000} s`);
  }
}

/** @param reply where the server says that nobody listens. */
function publish(nats: NatsServer, subject: string, frame: Uint8Array, reply: string): void {
  // A connection that was closed for good has been told by itself.
  if (!nats.isClosed()) nats.publish(subject, frame, { reply });
}
