import { z } from "zod";

const FROM_BEST = ["pass", "not_run", "inconclusive", "invalid", "fail"] as const;

export const verdict = z
  .enum(FROM_BEST, "expected a verdict")
  .describe("From best to worst; the worst one wins.");

export type Verdict = z.output<typeof verdict>;

/** The worst of several verdicts. Inconclusive for an empty list, because nothing was shown. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.length === 0) return "inconclusive";
  return FROM_BEST[Math.max(...verdicts.map((verdict) => FROM_BEST.indexOf(verdict)))]!;
}

export const runVerdict = z.enum(
  ["pass", "fail", "inconclusive", "invalid", "aborted"],
  "expected a verdict",
);

export type RunVerdict = z.output<typeof runVerdict>;
