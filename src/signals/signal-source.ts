import type { SignalTrouble } from "../slo/signal-trouble.js";

/** Where a signal comes from. One folder for each kind, and a line in sources.ts. */
export interface SignalSource {
  /** Begins to read, where that has to go on all the while. */
  start(stop: AbortSignal): void;
  /** What is known of the time between two instants on the clock of `monotonicMs`. Never rejects. */
  between(fromMs: number, untilMs: number, stop: AbortSignal): Promise<ReadSignal>;
  /** What can be said before anything was read. null: not known. */
  everyMs(stop: AbortSignal): Promise<number | null>;
}

/** What was read of a stretch of time. */
export interface ReadSignal {
  /** null: not known. */
  readonly everyMs: number | null;
  readonly samples: readonly SignalSample[];
  /** How often a counter began anew. */
  readonly restarts: number;
  readonly troubles: readonly SignalTrouble[];
}

/** `atMs` is on the clock of `monotonicMs`. Counts are those of the time before the sample. */
export type SignalSample =
  | { readonly atMs: number; readonly value: number }
  | { readonly atMs: number; readonly bad: number; readonly total: number };
