/** What the report hands to the page's script. The browser code imports this, so it uses nothing of Node. */

import type { Verdict } from "../../analysis/document/verdict.js";
import type { Outcome } from "../../measure/outcome.js";
import type { ShownQuantile } from "../shown/seconds-of-run.js";

/** Stands for "longer than anything" in columns of numbers. */
export const BEYOND_TIMEOUT = -1;

/** What the page's charts draw. Columns are as long as `atS`. null: nothing was measured. */
export interface PageData {
  /** Seconds since load began. Each stretch without a gap closes with its end. Each gap holds one empty point. */
  readonly atS: readonly number[];
  /** Requests per second by what became of them. Outcomes that never happened are left out. */
  readonly ratesPerS: Readonly<Partial<Record<Outcome, readonly (number | null)[]>>>;
  readonly latencyMs: Readonly<Record<ShownQuantile, readonly (number | null)[]>>;
  readonly timeoutMs: number;
  readonly phases: readonly PagePhase[];
  readonly windows: readonly FaultWindow[];
  readonly latencyLines: readonly TargetLine[];
  readonly throughputLines: readonly TargetLine[];
  readonly signals: readonly SignalChartData[];
  readonly distribution: {
    /** log10(1 / (1 − p)). */
    readonly axis: readonly number[];
    readonly curves: readonly DistributionCurve[];
    readonly promises: readonly PromisedPoint[];
  };
}

/** What others know of the system. */
export interface SignalChartData {
  readonly name: string;
  /** ratio: the share of bad ones. number: whatever it counts. state: that of an alert. */
  readonly unit: "ratio" | "number" | "state";
  /** As long as `atS`. null: nothing was known. */
  readonly values: readonly (number | null)[];
  readonly lines: readonly TargetLine[];
}

export interface PagePhase {
  readonly label: string;
  readonly fromS: number;
  readonly toS: number;
}

/** From injection to removal, and until the system was back. */
export interface FaultWindow {
  readonly index: number;
  readonly name: string;
  /** null: not known yet. */
  readonly verdict: Verdict | null;
  readonly fromS: number;
  readonly toS: number;
  /** null: it was never seen to be back, or was never away. */
  readonly recoveredS: number | null;
  /** Trials of a search for the breaking point, whose window spans them all. [] for other faults. */
  readonly trials: readonly TrialWindow[];
}

export interface TrialWindow {
  /** "250 ms" */
  readonly name: string;
  readonly sign: string;
  readonly word: string;
  readonly tone: string;
  readonly fromS: number;
  readonly toS: number;
}

export interface TargetLine {
  readonly label: string;
  readonly value: number;
  /** null: over the whole width. */
  readonly fromS: number | null;
  readonly toS: number | null;
}

/** What an SLO promises of a quantile: the curve passes below this point. */
export interface PromisedPoint {
  readonly label: string;
  readonly value: number;
  /** On the percentile axis. That of the greatest latency is its end. */
  readonly position: number;
}

export interface DistributionCurve {
  /** As in the legend: "2 cache cut off", "1 at 250 ms". */
  readonly label: string;
  /** The number of its colour, from 0. null: the baseline. */
  readonly category: number | null;
  readonly latencyMs: readonly (number | null)[];
  /** Shown before anyone asks for it. */
  readonly shown: boolean;
}
