import type { SignalTrouble } from "../slo/signal-trouble.js";

/** Where a signal comes from. One folder for each kind, and a line in sources.ts. */
export interface SignalSource {
  /** Reads, where that has to go on all the while. Resolves when it was stopped and nothing of it goes on. */
  start(stop: AbortSignal): Promise<void>;
  /** What is known of the time between two instants on the clock of `monotonicMs`. Never rejects. */
  between(fromMs: number, untilMs: number, stop: AbortSignal): Promise<ReadSignal>;
  /** The newest sample, if it is not too old to tell of now. null: nothing is known. May reject. */
  now(stop: AbortSignal): Promise<SignalSample | null>;
  /** What can be said before anything was read. null: not known. */
  everyMs(stop: AbortSignal): Promise<number | null>;
}

/** What a run has for the sources of its signals. */
export interface SignalSurroundings {
  /** The environment of the processes that read a signal of this name. */
  readonly env: (signal: string) => Readonly<Record<string, string | undefined>>;
  /** Called around the start of a program. */
  readonly starting: <T>(start: () => T) => T;
  readonly quote: Quote;
}

/** The begin of a foreign text, to be shown. Secrets in it are masked before it is cut. */
export type Quote = (text: string, mostCharacters: number) => string;

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
