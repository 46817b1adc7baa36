import { monotonicMs, sleep, withDeadline } from "../../support/clock.js";
import type { NoticeOfDay } from "../report/notice-of-day.js";
import { type Delivery, deliver } from "./deliver.js";
import type { Notice, NoticeEvent, Receiver } from "./notice.js";

export interface NoticeLimits {
  readonly attempts: number;
  readonly attemptTimeoutMs: number;
  /** Pause before the second attempt. It doubles with each attempt. */
  readonly firstPauseMs: number;
  /** The end of the day waits this long for notices that are not delivered yet. */
  readonly endWaitMs: number;
}

const LIMITS: NoticeLimits = { attempts: 4, attemptTimeoutMs: 5_000, firstPauseMs: 1_000, endWaitMs: 10_000 };

export interface NoticeQueueOptions {
  readonly receivers: readonly Receiver[];
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly limits?: NoticeLimits;
}

/** Tells receivers what happens, beside the run. Nobody waits for them before the end, and they can fail nothing. */
export class NoticeQueue {
  readonly #options: NoticeQueueOptions;
  readonly #limits: NoticeLimits;
  readonly #stop = new AbortController();
  /** For each receiver its last notice: notices are delivered in order. */
  readonly #last = new Map<Receiver, Promise<void>>();
  readonly #told: Told[] = [];

  constructor(options: NoticeQueueOptions) {
    this.#options = options;
    this.#limits = options.limits ?? LIMITS;
  }

  /** Returns at once. */
  tell(notice: Notice): void {
    for (const [index, receiver] of this.#options.receivers.entries()) {
      if (!receiver.on.includes(notice.event)) continue;
      const told: Told = {
        event: notice.event,
        to: nameOf(receiver, index),
        attempts: [],
        isDelivered: false,
      };
      this.#told.push(told);
      const before = this.#last.get(receiver) ?? Promise.resolve();
      this.#last.set(
        receiver,
        before.then(() => this.#deliver(receiver, notice, told)),
      );
    }
  }

  /** Waits for what is on its way, but only so long. What is not delivered by then is given up. */
  async finish(): Promise<readonly NoticeOfDay[]> {
    const all = Promise.all(this.#last.values());
    const late = () => new Error("late");
    await withDeadline(all, this.#limits.endWaitMs, late).catch(() => this.#stop.abort());
    // Attempts that are given up say so; they end at once.
    await all;
    return this.#told.map(({ event, to, attempts, isDelivered }) => ({
      event,
      to,
      delivered: isDelivered,
      attempts,
    }));
  }

  async #deliver(receiver: Receiver, notice: Notice, told: Told): Promise<void> {
    const { folder, env } = this.#options;
    const { attempts, attemptTimeoutMs, firstPauseMs } = this.#limits;
    const { signal } = this.#stop;
    let pauseMs = firstPauseMs;
    for (let attempt = 1; attempt <= attempts && !signal.aborted; attempt += 1) {
      const at = new Date().toISOString();
      const beganMs = monotonicMs();
      const context = { folder, env, timeoutMs: attemptTimeoutMs, signal };
      const delivery = await deliver(receiver, notice, context).catch(asFailed);
      const durationMs = Math.round(monotonicMs() - beganMs);
      told.attempts.push({ at, durationMs, reason: delivery.reason });
      told.isDelivered = delivery.isDelivered;
      if (delivery.isDelivered || !delivery.mayRetry || attempt === attempts) return;
      await sleep(pauseMs, signal).catch(() => {});
      pauseMs *= 2;
    }
  }
}

interface Told {
  readonly event: NoticeEvent;
  readonly to: string;
  readonly attempts: { readonly at: string; readonly durationMs: number; readonly reason: string | null }[];
  isDelivered: boolean;
}

/** A receiver's place in the game day's file: its URL and arguments may be secrets. */
function nameOf({ webhook, format = "generic" }: Receiver, index: number): string {
  return `notify[${index}], ${webhook === undefined ? "a command" : `a webhook (${format})`}`;
}

/** The error's message could quote the URL. */
function asFailed(error: unknown): Delivery {
  const kind = error instanceof Error ? error.name : "an error";
  return { isDelivered: false, reason: `it could not be told (${kind})`, mayRetry: false };
}
