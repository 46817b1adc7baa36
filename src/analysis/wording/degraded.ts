import type { Json } from "../../faults/fault-action.js";
import { formatCount, formatMs, formatRatio } from "../../support/format.js";
import type { Latency } from "../document/report.js";
import { countOf } from "./wording.js";

export interface DegradedShare {
  readonly answers: number;
  /** Requests that got one, or could have. */
  readonly due: number;
  /** The share in the baseline, 0 to 1. */
  readonly before: number;
}

/**
 * How many answers were a fallback, and how quick they were.
 * @param quantile of their latency in ms; null: not known.
 */
export function degradedWords(
  { answers, due, before }: DegradedShare,
  quantile: (q: number) => Latency,
): { readonly facts: { readonly [fact: string]: Json }; readonly text: string } {
  const [p50, p99] = [quantile(0.5), quantile(0.99)];
  const quick =
    typeof p50 === "number" && typeof p99 === "number"
      ? `; half of these came within ${formatMs(p50)}, 99% within ${formatMs(p99)}`
      : "";
  const share = `${formatCount(answers)} of ${countOf(due, "request")} (${formatRatio(answers / due)})`;
  return {
    facts: {
      degraded: answers,
      degradedShare: Math.round((answers / due) * 1e4) / 1e4,
      degradedShareBefore: Math.round(before * 1e4) / 1e4,
      degradedP50Ms: typeof p50 === "number" ? p50 : null,
      degradedP99Ms: typeof p99 === "number" ? p99 : null,
    },
    text: `${share} got a degraded answer, ${before === 0 ? "none" : formatRatio(before)} in the baseline${quick}.`,
  };
}

/**
 * The same for a headline, from a finding's facts: the share of requests that got one.
 * @returns null when it is not most of the requests, or was before.
 */
export function mostlyDegraded(findings: readonly { readonly [fact: string]: Json }[]): number | null {
  for (const { degradedShare, degradedShareBefore } of findings) {
    if (typeof degradedShare !== "number" || typeof degradedShareBefore !== "number") continue;
    return degradedShare <= 0.5 || degradedShareBefore > 0.5 ? null : degradedShare;
  }
  return null;
}
