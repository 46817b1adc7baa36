import { monotonicMs, sleep } from "../../support/clock.js";

export interface IdWatchOptions {
  /** From the begin of one look to that of the next. */
  readonly everyMs: number;
  readonly signal: AbortSignal;
  /** Looks once. @returns false when no other look would tell more. */
  readonly look: () => Promise<boolean>;
}

/** A look rests for so many times of what it took. So looks take a fifth of the time at most, however long the set is. */
const REST = 4;

/** Looks at a set of ids again and again while the load goes on, one look after the other. */
export class IdWatch {
  readonly #options: IdWatchOptions;
  readonly #over = new AbortController();
  #underWay: Promise<boolean> = Promise.resolve(true);
  #loop: Promise<void> | null = null;

  constructor(options: IdWatchOptions) {
    this.#options = options;
  }

  /** Begins to look. Another call does nothing. */
  start(): void {
    this.#loop ??= this.#keepLooking();
  }

  /** Looks once more as soon as the look that is under way is over. */
  lookNow(): Promise<boolean> {
    this.#underWay = this.#underWay.then(() => this.#options.look());
    return this.#underWay;
  }

  /** Resolves when no look is under way any more. */
  async stop(): Promise<void> {
    this.#over.abort();
    await this.#loop;
    await this.#underWay;
  }

  async #keepLooking(): Promise<void> {
    const over = AbortSignal.any([this.#options.signal, this.#over.signal]);
    let [beforeMs, tookMs] = [0, 0];
    for (;;) {
      // A long set takes long each time. One long look alone is that of a busy machine.
      const restMs = REST * Math.min(beforeMs, tookMs);
      await sleep(Math.max(this.#options.everyMs - tookMs, restMs), over).catch(() => {});
      if (over.aborted) return;
      const fromMs = monotonicMs();
      if (!(await this.lookNow())) return;
      [beforeMs, tookMs] = [tookMs, monotonicMs() - fromMs];
    }
  }
}
