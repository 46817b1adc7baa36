/** What is told of a run while it goes on. For screens and reporters, never for verdicts. */

import type { PhaseKind } from "../plan/timeline.js";
import type { AlertState } from "../slo/alert-state.js";
import type { SparseHistogram } from "./histogram.js";
import type { Outcome, OutcomeCounts } from "./outcome.js";
import type { RunRecord } from "./record.js";
import type { TracedRequest } from "./tracing/traced-request.js";

/** A phase that has just begun. */
export interface PhaseStart {
  readonly id: string;
  readonly kind: PhaseKind;
  readonly fault: string | null;
  /** In a search: what this trial does, as "latency 310 ms on cache". null elsewhere. */
  readonly trial: string | null;
  readonly plannedMs: number;
}

/** A phase that has just ended. */
export interface PhaseEnd extends Pick<PhaseStart, "id" | "kind" | "fault" | "trial"> {
  /** All requests that were due in the phase, and what became of each. */
  readonly requests: { readonly scheduled: number } & Readonly<Record<Outcome, number>>;
}

/** The last quarter of a second or so, counted by the time when a request ended. */
export interface LiveNumbers {
  /** Milliseconds on the clock of `process.hrtime`. */
  readonly atMs: number;
  /** Since the numbers before these. */
  readonly intervalMs: number;
  readonly outcomes: OutcomeCounts;
  /** Of good answers. null when there was none. */
  readonly p99Ms: number | null;
  /** Of good answers, from when they were due. */
  readonly latency: SparseHistogram;
}

/** A request that has ended and carried a trace id. */
export interface LiveTrace extends TracedRequest {
  /** The id of the phase in which it was due. Around a change of a fault it is that of no phase. */
  readonly phase: string;
  /** Milliseconds on the clock of `process.hrtime`. */
  readonly dueMs: number;
}

/** The newest that is known of a signal. */
export interface SignalNow {
  readonly name: string;
  /** `share`: how many were bad of how many, lately. null: nothing is known now. */
  readonly shows:
    | { readonly kind: "value"; readonly value: number }
    | { readonly kind: "share"; readonly bad: number; readonly total: number }
    | { readonly kind: "state"; readonly state: AlertState }
    | null;
}

/** A run that goes on, for whoever watches it. */
export interface RunInProgress {
  /**
   * What is known of the run so far: the phases that are over. Without secrets.
   * @returns null while nothing can be measured yet.
   */
  recordSoFar(): RunRecord | null;
  /** The newest that is known of each signal. It may ask their servers. Never rejects. */
  signalsNow(): Promise<readonly SignalNow[]>;
  /** Adds a note of a person to the run's events. */
  note(text: string): void;
}
