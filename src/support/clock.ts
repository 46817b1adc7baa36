import { setTimeout as wait } from "node:timers/promises";

/** Time that does not jump, in milliseconds with microsecond digits. All threads of this process share it. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Resolves after `ms`, or rejects with the signal's reason as soon as it is aborted. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/**
 * Waits without keeping the process alive.
 * @returns false when the signal was aborted meanwhile.
 */
export async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  await wait(ms, undefined, { signal, ref: false }).catch(() => {});
  return !signal.aborted;
}

/** Time between two looks at what is left of a limit. */
const LOOK_MS = 1_000;
/** When two looks are further apart than this many times the wanted time, the process stood still. */
const LATEST_LOOK = 1.5;

/**
 * A limit of time that a stop of this process (SIGSTOP, Ctrl-Z, a paused container) does not use up. What was waited
 * for may have come meanwhile, and lies unread.
 */
export class Patience {
  readonly #lookMs: number;
  readonly #over: () => void;
  #leftMs: number;
  #lookedMs = monotonicMs();
  #timer: NodeJS.Timeout;

  /** `over` is called once when the time is up. Call `end` when the limit is no longer needed. */
  constructor(ms: number, over: () => void = () => {}) {
    this.#leftMs = ms;
    this.#lookMs = Math.min(LOOK_MS, ms / 2);
    this.#over = over;
    this.#timer = this.#wait();
  }

  /** 0: it is over. */
  get leftMs(): number {
    const nowMs = monotonicMs();
    this.#leftMs -= Math.min(nowMs - this.#lookedMs, this.#lookMs * LATEST_LOOK);
    this.#lookedMs = nowMs;
    return Math.max(0, this.#leftMs);
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #wait(): NodeJS.Timeout {
    return setTimeout(
      () => {
        if (this.leftMs === 0) this.#over();
        else this.#timer = this.#wait();
      },
      Math.min(this.#leftMs, this.#lookMs),
    );
  }
}

/** Rejects with `onTimeout()` when `work` has not settled within `ms` (see `Patience`). `work` is not cancelled. */
export async function withDeadline<T>(work: Promise<T>, ms: number, onTimeout: () => Error): Promise<T> {
  let patience: Patience | undefined;
  const late = new Promise<never>((_, reject) => {
    patience = new Patience(ms, () => reject(onTimeout()));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    patience?.end();
  }
}
