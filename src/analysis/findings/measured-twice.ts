/** A fault that was measured once more, as the load generator was late: what the first try saw is not judged, and is told. */

import type { FirstTry } from "../../measure/fault-record.js";
import { formatCount, formatSeconds } from "../../support/format.js";
import type { PhaseView } from "../measurement/phase-view.js";
import { type FaultFacts, type Told, told } from "./finding.js";

/** Share of a phase's requests. Less may be chance. */
const LEAST_MORE = 0.01;

export function measuredTwice({ firstTry }: FaultFacts): Told | null {
  if (firstTry === null) return null;
  const { fault, recovery } = firstTry;
  const after =
    recovery === null
      ? ""
      : `, and ${failedText(recovery)} in the ${formatSeconds(recovery.durationS)} after it`;
  return told(
    `Measured twice, as the load generator was late. In the first try ${failedText(fault)} while the fault was on${after}. The verdicts are those of the second try.`,
    { fault: { ...fault }, recovery: recovery && { ...recovery } },
  );
}

function failedText({ scheduled, failed }: FirstTry["fault"]): string {
  return `${formatCount(failed)} of ${formatCount(scheduled)} requests failed`;
}

/** Whether more failed in the first try than in the one that is judged. */
export function firstTryWasWorse({ firstTry, fault, recovery }: FaultFacts): boolean {
  if (firstTry === null) return false;
  return (
    failedShare(firstTry.fault) > judgedShare(fault) + LEAST_MORE ||
    (firstTry.recovery !== null && failedShare(firstTry.recovery) > judgedShare(recovery) + LEAST_MORE)
  );
}

function failedShare({ scheduled, failed }: FirstTry["fault"]): number {
  return scheduled === 0 ? 0 : failed / scheduled;
}

function judgedShare(view: PhaseView | null): number {
  const { scheduled, ok } = view?.counts(null) ?? { scheduled: 0, ok: 0 };
  return failedShare({ scheduled, failed: scheduled - ok, durationS: 0 });
}
