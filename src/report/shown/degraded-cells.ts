import type { PhaseReport, Report } from "../../analysis/document/report.js";
import { formatValue, NOTHING } from "../../support/format.js";

/** Whether some request of the run says which answers are a fallback. */
export function tellsDegraded({ phases }: Report): boolean {
  return phases.some(({ degraded }) => degraded !== undefined);
}

/** The share of fallbacks, and how quick they were. */
export function degradedCells({
  degraded,
}: Pick<PhaseReport, "degraded">): readonly [share: string, p99: string] {
  if (degraded === undefined) return [NOTHING, NOTHING];
  return [formatValue(degraded.share, "ratio"), formatValue(degraded.latencyMs.p99, "ms")];
}
