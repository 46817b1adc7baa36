/** What goes from the server to the page's script. The browser code imports this, so it uses nothing of Node. */

import type { Verdict } from "../../analysis/document/verdict.js";
import type { Outcome } from "../../measure/outcome.js";
import type { RunEvent } from "../../measure/record.js";
import type { PhaseKind } from "../../plan/timeline.js";
import type { PagePhase, TargetLine } from "../../report/html/page-model.js";

/** About a second of answers, by when they ended. */
export interface LiveSecond {
  /** Since load began. */
  readonly atS: number;
  readonly widthS: number;
  readonly perS: Readonly<Record<Outcome, number>>;
  /** p50, p90, p99 and the longest. Failures count as longer than anything (BEYOND_TIMEOUT). null: no answers. */
  readonly latencyMs: readonly (number | null)[];
}

export interface LivePhase {
  readonly kind: PhaseKind;
  readonly fault: string | null;
  /** For a search; null elsewhere. */
  readonly trial: string | null;
  readonly startS: number;
  readonly plannedS: number;
}

/** A fault, or one trial of a search, from injection on. */
export interface LiveWindow {
  /** The number of its fault, from 1. */
  readonly index: number;
  readonly fault: string;
  readonly trial: string | null;
  readonly fromS: number;
  /** null: it is in place. */
  readonly toS: number | null;
}

/** What is certain of one SLO. */
export interface LiveSlo {
  readonly expect: string;
  /** Written out. */
  readonly observed: string;
  /** null: not known yet. */
  readonly verdict: Verdict | null;
}

/** What is certain of a fault, or of the baseline. */
export interface LiveVerdict {
  /** null: the baseline. */
  readonly fault: string | null;
  /** null: not known yet. */
  readonly verdict: Verdict | null;
  readonly slos: readonly LiveSlo[];
  /** "back after 3 s". null: not known yet, or never away. */
  readonly back: string | null;
  /** null: it was never seen to be back, or was never away. */
  readonly recoveredS: number | null;
}

/** How much of what an SLO lets fail has failed in the current phase. */
export interface LiveBudget {
  readonly slo: string;
  /** 1: as much as is allowed. */
  readonly used: number;
  readonly badShare: number;
  readonly allowedShare: number;
}

/** What is known of a signal now. */
export interface LiveSignal {
  readonly name: string;
  /** "512", "4% bad", "firing" */
  readonly text: string;
}

export interface FinishedRunLink {
  readonly name: string;
  readonly verdict: string;
  /** Where its report is, relative to the page. null: it has none. */
  readonly path: string | null;
}

export interface LiveStatus {
  /** Counted from 1. 0: none has begun. */
  readonly run: number;
  readonly name: string;
  readonly isOver: boolean;
  /** On the run's clock. */
  readonly nowS: number;
  /** What is being done outside of phases. */
  readonly activity: string | null;
  readonly phase: LivePhase | null;
  /** What is in place now. */
  readonly injected: { readonly text: string; readonly sinceS: number } | null;
  /** When the fault was removed that the system recovers from. */
  readonly recoveringSinceS: number | null;
  /** The last one is open. */
  readonly phases: readonly PagePhase[];
  readonly windows: readonly LiveWindow[];
  readonly verdicts: readonly LiveVerdict[];
  readonly budgets: readonly LiveBudget[];
  readonly signals: readonly LiveSignal[];
  readonly latencyLines: readonly TargetLine[];
  readonly throughputLines: readonly TargetLine[];
  readonly timeoutMs: number;
  /** Who ended the run early, and why. */
  readonly halted: string | null;
  readonly finished: readonly FinishedRunLink[];
}

/**
 * - `whole`: replaces all that was known.
 * - `tick`: goes on from the message before.
 */
export interface LiveMessage {
  readonly seconds: readonly LiveSecond[];
  readonly events: readonly RunEvent[];
  readonly status: LiveStatus;
}

/** Body of a POST to `note` and `halt`. */
export interface PageRequest {
  readonly by: string;
  readonly text: string;
}
