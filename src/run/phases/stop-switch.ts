import type { ErrorCode } from "../../support/errors.js";

/** Why a run ends before its time. */
export type StopCause =
  | { readonly kind: "aborted"; readonly reason: string }
  | { readonly kind: "interrupted"; readonly reason: string }
  | { readonly kind: "failed"; readonly code: ErrorCode; readonly reason: string };

/** The reason of the run's abort signal. `cause` is the StopCause. */
export class RunStopped extends Error {}

/** One switch for everything that can end a run early. The first cause wins. */
export class StopSwitch {
  readonly #controller = new AbortController();
  #cause: StopCause | null = null;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get cause(): StopCause | null {
    return this.#cause;
  }

  trip(cause: StopCause): void {
    if (this.#cause) return;
    this.#cause = cause;
    this.#controller.abort(new RunStopped(cause.reason));
  }

  /**
   * Resolves as `work` does, or rejects with RunStopped as soon as the switch is tripped. `work` itself is not
   * cancelled.
   */
  async unlessStopped<T>(work: Promise<T>): Promise<T> {
    const { signal } = this;
    let trip = () => {};
    const stopped = new Promise<never>((_, reject) => {
      trip = () => reject(signal.reason);
      if (signal.aborted) trip();
      else signal.addEventListener("abort", trip, { once: true });
    });
    try {
      return await Promise.race([work, stopped]);
    } finally {
      signal.removeEventListener("abort", trip);
    }
  }
}
