import type { Json } from "../../faults/fault-action.js";
import type { HttpTraffic } from "../../faults/http-traffic.js";
import type { PhaseRecord } from "../../measure/record.js";

export const PATTERN_IDS = [
  "timeout",
  "retries",
  "circuit_breaker",
  "fallback",
  "connections",
  "pool_queue",
  "pool_leak",
] as const;
export type PatternId = (typeof PATTERN_IDS)[number];

/** What a service did about a fault, as seen from outside: between it and what it depends on. */
export interface Pattern {
  readonly id: PatternId;
  /** The proxy before the dependency. */
  readonly proxy: string;
  /** no: it would have shown, and did not. unknown: it cannot be told from what was seen. */
  readonly seen: "yes" | "no" | "unknown";
  readonly facts: { readonly [fact: string]: Json };
  /** Sentences for people: what was seen, and what it means. */
  readonly text: string;
}

/** What a part of one pattern finds; who asked it knows the rest. */
export type Seen = Pick<Pattern, "seen" | "facts" | "text">;

/** Both sides of a service in one phase. */
export interface BothSides {
  /** What was asked of the system. */
  readonly client: PhaseRecord;
  /** What it asked of the dependency, in stretches that follow each other. */
  readonly upstream: readonly HttpTraffic[];
}

/** A fault that the service met, with what was there before and after. */
export interface Encounter {
  readonly proxy: string;
  readonly baseline: BothSides;
  readonly fault: BothSides;
  readonly recovery: BothSides | null;
  /** Seconds since load began. */
  readonly injectedAtS: number;
  readonly removedAtS: number;
  /** How long our own load waits for an answer. */
  readonly clientTimeoutS: number;
  /** What an answer of the fault asked for, in seconds; null: it asked for nothing. */
  readonly retryAfterS: number | null;
}

export function unknown(text: string, facts: Seen["facts"] = {}): Seen {
  return { seen: "unknown", facts, text };
}
