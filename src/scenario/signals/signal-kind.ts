/**
 * What a scenario says of signals that are read at a URL of one kind. src/signals/ has what reads there. A command is asked
 * in the same way for all: it is no kind.
 */
export interface SignalKind<Key extends string = string> {
  /** The YAML key that has the URL. */
  readonly key: Key;
  /** Of that key: what is asked, and what queries are there. */
  readonly description: string;
  readonly sample: string;
  /** A signal has to say what is read. false: the whole answer may be the number. */
  readonly needsQuery: boolean;
  /** Samples have times of their own. false: what is read is of the moment in which it is read. */
  readonly hasOwnTimes: boolean;
  /** All that is wrong with a query. */
  mistakesIn(query: string, reads: SignalRead): readonly QueryMistake[];
  /** A sample is of the time so long before it. Missing: of that moment, or of the time since the last. */
  reachMs?(query: string): number;
}

/** The keys of a signal that hold its queries. */
export const SIGNAL_READS = ["bad", "total", "value"] as const;
export type SignalRead = (typeof SIGNAL_READS)[number];

export interface QueryMistake {
  readonly message: string;
  readonly help?: string;
}

export function signalKind<const Key extends string>(kind: SignalKind<Key>): SignalKind<Key> {
  return kind;
}
