/** Confidence intervals for the share of bad requests when bad seconds come in runs. The method is in docs/measurement.md. */

import { type BadSeries, sum } from "../../slo/observations.js";

export { type BadSeries, sum };

export type Interval = readonly [lower: number, upper: number];

/** Two-sided confidence: 98 for verdicts, 95 for comparisons. */
export type Confidence = 98 | 95;

/** Student's t, one-sided 99 % and 97.5 %, for 1 to 6 degrees of freedom. */
const CRITICAL_T: Readonly<Record<Confidence, readonly number[]>> = {
  98: [31.8205159538, 6.9645567343, 4.5407028586, 3.7469473879, 3.3649299989, 3.1426684033],
  95: [12.7062047364, 4.3026527297, 3.1824463053, 2.7764451052, 2.5705818356, 2.4469118511],
};

/** Normal quantile, one-sided 99 %: the plain Wilson bounds of one verdict. */
export const Z_98 = 2.326347874;

/** Normal quantile of 80 % power. */
export const Z_POWER_80 = 0.8416212336;

/** ν: how many cosines carry the long-run variance of T seconds, and so the degrees of freedom. */
export function degreesOfFreedom(seconds: number): number {
  return seconds < 20 ? 1 : Math.min(6, 2 + Math.floor(seconds / 30));
}

export function criticalT(seconds: number, confidence: Confidence): number {
  return CRITICAL_T[confidence][degreesOfFreedom(seconds) - 1]!;
}

/** Wilson's score interval. `total` may be an effective, fractional number of requests. 0 gives [0, 1]. */
export function wilson(share: number, total: number, z: number): Interval {
  if (!(total > 0)) return [0, 1];
  const z2 = z * z;
  const centre = share + z2 / (2 * total);
  const half = z * Math.sqrt((share * (1 - share)) / total + z2 / (4 * total * total));
  const scale = 1 + z2 / total;
  // At the ends, rounding would leave 1e-19 where the bound is exactly 0 or 1.
  return [
    share <= 0 ? 0 : Math.max(0, (centre - half) / scale),
    share >= 1 ? 1 : Math.min(1, (centre + half) / scale),
  ];
}

export interface HarWilson {
  readonly share: number;
  readonly lower: number;
  readonly upper: number;
  /** How many times less the requests tell than independent ones would. At least 1. */
  readonly designEffect: number;
  readonly due: number;
  readonly bad: number;
  readonly seconds: number;
}

/**
 * Heteroskedasticity- and autocorrelation-robust Wilson interval: Wilson's interval on due/designEffect requests. The
 * design effect comes from the greater of two long-run variances, with Student's t for its few degrees of freedom.
 */
export function harWilson(series: BadSeries, confidence: Confidence): HarWilson {
  const seconds = series.due.length;
  const due = sum(series.due);
  const bad = sum(series.bad);
  const share = due > 0 ? bad / due : 0;
  const residuals = series.bad.map((count, t) => count - share * series.due[t]!);
  const binomial = due * share * (1 - share);
  const designEffect = binomial > 0 ? Math.max(1, longRunVariance(residuals) / binomial) : 1;
  const [lower, upper] = wilson(
    share,
    due / designEffect,
    seconds > 0 ? criticalT(seconds, confidence) : Z_98,
  );
  return { share, lower, upper, designEffect, due, bad, seconds };
}

/** Variance of the sum of the residuals, whatever their correlation from second to second. */
export function longRunVariance(residuals: readonly number[]): number {
  return Math.max(cosineVariance(residuals), autoregressiveVariance(residuals));
}

/** V_ewc = (2/ν) · Σ_j ( Σ_t z_t · cos(π j (t+½)/T) )², equal-weighted cosines. */
function cosineVariance(residuals: readonly number[]): number {
  const seconds = residuals.length;
  const nu = degreesOfFreedom(seconds);
  let variance = 0;
  for (let j = 1; j <= nu; j++) {
    let weighted = 0;
    for (let t = 0; t < seconds; t++) {
      weighted += residuals[t]! * Math.cos((Math.PI * j * (t + 0.5)) / seconds);
    }
    variance += weighted * weighted;
  }
  return (2 / nu) * variance;
}

/** V_ar = Σz² · (1+r)/(1−r), with the lag-1 autocorrelation r corrected for its bias in short series. */
function autoregressiveVariance(residuals: readonly number[]): number {
  const seconds = residuals.length;
  let squares = 0;
  let products = 0;
  for (let t = 0; t < seconds; t++) {
    squares += residuals[t]! * residuals[t]!;
    if (t > 0) products += residuals[t]! * residuals[t - 1]!;
  }
  if (squares === 0) return 0;
  const r1 = products / squares;
  const r = Math.min(0.95, Math.max(0, r1 + (1 + 3 * r1) / seconds));
  return (squares * (1 + r)) / (1 - r);
}

/** ⌈t²·(1−b)/b⌉. With fewer requests the upper bound stays above the budget, even when none is bad. */
export function leastErrorFreeRequests(budget: number, seconds: number): number {
  if (budget <= 0) return Number.POSITIVE_INFINITY;
  const t = criticalT(seconds, 98);
  return Math.ceil((t * t * (1 - budget)) / budget);
}

/** Φ⁻¹ by Acklam's rational approximation. Its relative error is below 1.2e-9. */
export function normalQuantile(p: number): number {
  if (p <= 0) return Number.NEGATIVE_INFINITY;
  if (p >= 1) return Number.POSITIVE_INFINITY;
  if (p > 0.5) return -normalQuantile(1 - p);
  const polynomial = (x: number, ...coefficients: number[]) => coefficients.reduce((y, c) => y * x + c, 0);
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    return (
      polynomial(
        q,
        -7.784894002430293e-3,
        -3.223964580411365e-1,
        -2.400758277161838,
        -2.549732539343734,
        4.374664141464968,
        2.938163982698783,
      ) / polynomial(q, 7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1)
    );
  }
  const q = p - 0.5;
  const r = q * q;
  return (
    (q *
      polynomial(
        r,
        -3.969683028665376e1,
        2.209460984245205e2,
        -2.759285104469687e2,
        1.38357751867269e2,
        -3.066479806614716e1,
        2.506628277459239,
      )) /
    polynomial(
      r,
      -5.447609879822406e1,
      1.615858368580409e2,
      -1.556989798598866e2,
      6.680131188771972e1,
      -1.328068155288572e1,
      1,
    )
  );
}

/**
 * Least k with P(X ≤ k) ≥ `probability` for X ~ Binomial(n, p). More bad requests than this in a second are no
 * accident.
 */
export function binomialQuantile(probability: number, n: number, p: number): number {
  if (n <= 0 || p <= 0) return 0;
  if (p >= 1) return n;
  // In logarithms: (1−p)^n underflows for the request counts of a busy second.
  const odds = Math.log(p) - Math.log1p(-p);
  let logTerm = n * Math.log1p(-p);
  let cumulative = Math.exp(logTerm);
  let k = 0;
  while (cumulative < probability && k < n) {
    logTerm += Math.log((n - k) / (k + 1)) + odds;
    k++;
    cumulative += Math.exp(logTerm);
  }
  return k;
}
