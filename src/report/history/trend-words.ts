import { FEWEST_FOR_TREND } from "../../analysis/statistics/rank-trend.js";
import type { BreakingSeries } from "../../ledger/breaking-points.js";
import { formatRatio } from "../../support/format.js";
import type { VerdictWords } from "../shown/verdict-words.js";

/** A sentence on what a breaking point does over the runs. Only what is more than noise is called a trend. */
export function trendWords({ trend, meaning, points }: BreakingSeries): {
  readonly text: string;
  readonly tone: VerdictWords["tone"];
} {
  if (trend.p === null) {
    const text = `${points.length} run${points.length === 1 ? "" : "s"}; a trend can be told from ${FEWEST_FOR_TREND} on`;
    return { text, tone: "muted" };
  }
  if (meaning === null) return { text: `no trend beyond noise in ${points.length} runs`, tone: "muted" };
  const chance = `by chance alone so clear an order comes in ${formatRatio(trend.p)} of histories`;
  return meaning === "withstands_less"
    ? { text: `↓ it withstands less and less: ${chance}`, tone: "bad" }
    : { text: `↑ it withstands more and more: ${chance}`, tone: "good" };
}
