import type { TelemetryTrouble } from "../measure/telemetry/telemetry-record.js";
import { sleep } from "../support/clock.js";
import { messageOf } from "../support/errors.js";
import { type Exporter, NotTaken } from "./exporter.js";
import type { ToldItem } from "./told.js";

/** About a quarter of an hour of seconds, and a few megabytes at most. */
const MOST_WAITING = 1_000;
/** After a failure it waits so long, and twice as long after the next. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;

const SLOW: TelemetryTrouble = { id: "slow", facts: {} };
const ENDED: TelemetryTrouble = { id: "ended", facts: {} };

export interface QueueTally {
  readonly sent: number;
  readonly dropped: number;
  /** Why, the last time. null: nothing was dropped. */
  readonly trouble: TelemetryTrouble | null;
}

/**
 * What is told waits here until its receiver has taken it. Adding takes no time and never fails. When too much waits,
 * the oldest is dropped.
 */
export class ExportQueue {
  readonly #exporter: Exporter;
  readonly #mostWaiting: number;
  readonly #waiting: ToldItem[] = [];
  /** The first of those that wait are under way. */
  #underWay = 0;
  #sent = 0;
  #dropped = 0;
  /** Why something was dropped last. */
  #trouble: TelemetryTrouble | null = null;
  /** Of the last try. null: it did not fail. */
  #failure: TelemetryTrouble | null = null;
  #sending: Promise<void> | null = null;
  /** Ends a pause between two tries. */
  readonly #ending = new AbortController();
  readonly #over = new AbortController();

  constructor(exporter: Exporter, mostWaiting = MOST_WAITING) {
    this.#exporter = exporter;
    this.#mostWaiting = mostWaiting;
  }

  add(told: ToldItem): void {
    if (!this.#exporter.sends.includes(told.kind)) return;
    if (this.#waiting.length >= this.#mostWaiting) {
      this.#waiting.splice(this.#underWay, 1);
      this.#drop(1, this.#failure ?? SLOW);
    }
    this.#waiting.push(told);
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
    });
  }

  /** Sends what still waits. Nothing is added any more. Resolves within that time, whatever the receiver does. */
  async finish(withinMs: number): Promise<QueueTally> {
    this.#ending.abort();
    const timer = setTimeout(() => this.#over.abort(), withinMs);
    await this.#sending;
    clearTimeout(timer);
    this.#over.abort();
    if (this.#waiting.length > 0) this.#drop(this.#waiting.length, this.#failure ?? ENDED);
    this.#waiting.length = 0;
    return { sent: this.#sent, dropped: this.#dropped, trouble: this.#trouble };
  }

  async #sendAll(): Promise<void> {
    // What is told in one go is sent in one go.
    await new Promise(setImmediate);
    let pauseMs = FIRST_PAUSE_MS;
    while (this.#waiting.length > 0 && !this.#over.signal.aborted) {
      const isLastTry = this.#ending.signal.aborted;
      const part = this.#waiting.slice(0, this.#exporter.mostAtOnce);
      this.#underWay = part.length;
      this.#failure = await this.#send(part);
      this.#underWay = 0;
      if (this.#failure === null) {
        this.#sent += part.length;
        this.#waiting.splice(0, part.length);
        pauseMs = FIRST_PAUSE_MS;
      } else if (isFinal(this.#failure)) {
        this.#drop(part.length, this.#failure);
        this.#waiting.splice(0, part.length);
      } else if (isLastTry) return;
      else {
        await sleep(pauseMs, this.#ending.signal).catch(() => {});
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      }
    }
  }

  /** @returns why they were not taken; null when they were. */
  async #send(part: readonly ToldItem[]): Promise<TelemetryTrouble | null> {
    try {
      await unlessAborted(this.#exporter.send(part, this.#over.signal), this.#over.signal);
      return null;
    } catch (error) {
      if (this.#over.signal.aborted) return this.#failure ?? ENDED;
      if (error instanceof NotTaken) return error.trouble;
      // Whatever is wrong with an exporter is no reason to end a run.
      return { id: "failed", facts: { reason: messageOf(error) } };
    }
  }

  #drop(count: number, trouble: TelemetryTrouble): void {
    this.#dropped += count;
    this.#trouble = trouble;
  }
}

/** The same would be refused again. */
function isFinal({ id }: TelemetryTrouble): boolean {
  return id === "refused" || id === "unreadable" || id === "failed";
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
