/** The three-way verdict on a share of bad requests against a budget. The method is in docs/measurement.md. */

import type { SignalMetric } from "../../slo/metric.js";
import type { Verdict } from "../document/report.js";
import {
  type BadSeries,
  type HarWilson,
  harWilson,
  type Interval,
  normalQuantile,
  sum,
  wilson,
  Z_98,
} from "../statistics/intervals.js";

/** Below this a phase can fail but never pass. */
export const LEAST_SECONDS_TO_PASS = 30;

/**
 * Fewer samples say nothing of the long run, however far apart they are. Of a mean they miss peaks that come now and then, and
 * nothing that was seen tells how high these are; a share has seen all that was counted.
 */
export const LEAST_SAMPLES_TO_PASS: Readonly<Record<SignalMetric["judges"], number>> = {
  share: 10,
  mean: 30,
  sample: 10,
};

/**
 * Critical value of the plain Wilson window when a run makes `verdicts` verdicts. All of them together fail a system at
 * its budget in at most 5 % of runs: Φ⁻¹(1 − 0.05/m). A single verdict is never less strict than 1 %.
 */
export function windowZ(verdicts: number): number {
  return Math.max(Z_98, normalQuantile(1 - 0.05 / Math.max(1, verdicts)));
}

export interface ShareVerdict {
  readonly verdict: Extract<Verdict, "pass" | "fail" | "inconclusive">;
  /** Plain Wilson interval: what happened in this run. */
  readonly window: Interval;
  /** What the system does: 98 %, robust against seconds that depend on each other. */
  readonly process: HarWilson;
  /** A fail that the process interval does not confirm. */
  readonly mayNotRepeat: boolean;
}

/**
 * - fail: the window's lower bound is above the budget. A fact about this run, at any length.
 * - pass: the phase has at least 30 s, and the upper bound of the process is within the budget.
 */
export function judgeShare(series: BadSeries, budget: number, verdicts: number): ShareVerdict {
  const process = harWilson(series, 98);
  const window = wilson(process.share, process.due, windowZ(verdicts));
  // Without a request nothing is known, whatever the bounds say.
  if (process.due === 0) return { verdict: "inconclusive", window, process, mayNotRepeat: false };
  if (window[0] > budget) {
    return { verdict: "fail", window, process, mayNotRepeat: process.lower <= budget };
  }
  const passes = process.seconds >= LEAST_SECONDS_TO_PASS && process.upper <= budget;
  return { verdict: passes ? "pass" : "inconclusive", window, process, mayNotRepeat: false };
}

/** evidence: observed. The point estimate alone. It claims nothing beyond the run. */
export function observeShare(series: BadSeries, budget: number, strict: boolean): ShareVerdict["verdict"] {
  const due = sum(series.due);
  const bad = sum(series.bad);
  if (due === 0) return "inconclusive";
  // 1 % of 100 must allow one bad request, although 0.01 · 100 can come out below 1.
  const allowed = budget * due * (1 + 1e-12);
  return (strict ? bad < budget * due * (1 - 1e-12) : bad <= allowed) ? "pass" : "fail";
}

export interface WindowVerdict {
  readonly verdict: ShareVerdict["verdict"];
  /** First second of the worst window, and its share of bad requests. null: no window had a request. */
  readonly worst: { readonly fromS: number; readonly series: BadSeries; readonly share: number } | null;
}

/**
 * "… for 10s": asks the same budget of every window of that many seconds. The verdict is a fact about this run. It
 * fails when a window is above the budget beyond chance (corrected for the number of windows). It passes when both the
 * worst window and the phase as a whole are within the budget beyond chance.
 */
export function judgeWindows(
  series: BadSeries,
  windowS: number,
  budget: number,
  verdicts: number,
  evidence: "interval" | "observed",
  strict: boolean,
): WindowVerdict {
  const worst = worstWindow(series, windowS);
  if (worst === null) return { verdict: "inconclusive", worst };
  if (evidence === "observed") return { verdict: observeShare(worst.series, budget, strict), worst };
  const windows = series.due.length - windowS + 1;
  const [lower, upper] = wilson(worst.share, sum(worst.series.due), windowZ(verdicts * windows));
  if (lower > budget) return { verdict: "fail", worst };
  const passes = upper <= budget && judgeShare(series, budget, verdicts).verdict === "pass";
  return { verdict: passes ? "pass" : "inconclusive", worst };
}

/** The window with the greatest share of bad requests. Windows without a request are skipped. */
export function worstWindow(series: BadSeries, windowS: number): WindowVerdict["worst"] {
  let worst: { fromS: number; share: number } | null = null;
  let due = 0;
  let bad = 0;
  for (let t = 0; t < series.due.length; t++) {
    due += series.due[t]!;
    bad += series.bad[t]!;
    if (t >= windowS) {
      due -= series.due[t - windowS]!;
      bad -= series.bad[t - windowS]!;
    }
    if (t < windowS - 1 || due === 0) continue;
    if (worst === null || bad / due > worst.share) worst = { fromS: t - windowS + 1, share: bad / due };
  }
  if (worst === null) return null;
  const { fromS } = worst;
  const cut = (values: readonly number[]) => values.slice(fromS, fromS + windowS);
  return { ...worst, series: { due: cut(series.due), bad: cut(series.bad) } };
}
