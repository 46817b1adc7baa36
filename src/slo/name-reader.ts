/** What a metric may have in parentheses, and how its family reads that. */

import type { TimedName } from "./timed-name.js";

/** Names that may stand there. undefined: any. */
export interface KnownNames {
  readonly requestNames?: readonly string[] | undefined;
  /** What is timed beside single requests. */
  readonly timed?: readonly TimedName[] | undefined;
  /** Proxies, and whether each knows HTTP. */
  readonly proxies?: ReadonlyMap<string, { readonly isHttp: boolean }> | undefined;
  /** Signals, and whether each counts or has values. null: a mistake in it hides that. */
  readonly signals?: ReadonlyMap<string, "counts" | "values" | null> | undefined;
  /** Checks on ids, and the requests that each is about. */
  readonly idChecks?: readonly { readonly check: string; readonly request: string }[] | undefined;
}

export interface NamedInParentheses {
  readonly name: string;
  readonly open: number;
  readonly nameAt: number;
  readonly nameLength: number;
}

/** The text behind a metric's word, read from left to right. */
export interface NameReader {
  /**
   * @param what it is the name of, for complaints.
   * @returns null when no parenthesis follows.
   */
  inParentheses(what: string): NamedInParentheses | null;
  /** @returns null when no word follows. */
  word(): string | null;
  /** Complains about the metric's word. */
  failMetric(message: string, suggestion: string | null): never;
  /** Complains about the metric's word and what stands behind it. */
  failWithName(message: string, suggestion: string | null): never;
  failName(named: NamedInParentheses, message: string, suggestion: string | null): never;
  /** Complains about the word that was read last. */
  failLast(message: string, suggestion?: string | null): never;
  /** Complains about what follows. */
  failNext(message: string, suggestion: string | null): never;
}
