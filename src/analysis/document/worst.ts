import type { Verdict } from "./report.js";

const FROM_BEST: readonly Verdict[] = ["pass", "not_run", "inconclusive", "invalid", "fail"];

/** The worst of several verdicts; of none: inconclusive, as nothing was shown. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.length === 0) return "inconclusive";
  return FROM_BEST[Math.max(...verdicts.map((verdict) => FROM_BEST.indexOf(verdict)))]!;
}
