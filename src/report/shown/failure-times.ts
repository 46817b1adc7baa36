import type { PhaseReport, Report } from "../../analysis/document/report.js";
import { formatValue, NOTHING } from "../../support/format.js";

/** Heads of the columns that `failureCells` fills. */
export const FAILURE_HEAD = ["failed after, p50", "p99 of these"] as const;

/** Whether the run knows of some request how long it took to fail. */
export function tellsFailureTimes({ phases }: Report): boolean {
  return phases.some(({ timeToFailure }) => timeToFailure !== undefined);
}

/** How long requests took to fail: half of them, and nearly all. */
export function failureCells({
  timeToFailure,
}: Pick<PhaseReport, "timeToFailure">): readonly [p50: string, p99: string] {
  if (timeToFailure === undefined) return [NOTHING, NOTHING];
  return [formatValue(timeToFailure.ms.p50, "ms"), formatValue(timeToFailure.ms.p99, "ms")];
}
