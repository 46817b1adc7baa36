/** Failures that take their time, where nothing else says why. */

import { formatMs } from "../../support/format.js";
import { countOf } from "../wording/wording.js";
import { isLoadBehindFault, noClientTimeout } from "./failure-findings.js";
import { type FaultFacts, type Told, told } from "./finding.js";

/** Half of so many or more failures. A few may be slow for any reason. */
const LEAST_FAILURES = 20;
/** A user waits that long for nothing. */
const SLOW_MS = 500;
/** Times the p99 of the baseline. An answer that may take as long cannot be given up sooner. */
const SLOW_FACTOR = 5;

/**
 * Half of the failures took far longer than an answer usually does. @returns null where something else says of the
 * service's timeout what there is to say.
 */
export function slowFailures(facts: FaultFacts): Told | null {
  const { fault, baseline, patterns } = facts;
  const isToldElsewhere = patterns.some(({ id, seen }) => id === "timeout" && seen !== "unknown");
  if (isToldElsewhere || isLoadBehindFault(facts) || noClientTimeout(facts) !== null) return null;
  const failed = fault.failed();
  const count = failed?.counts(null).scheduled ?? 0;
  const [half, usual] = [failed?.quantile(null, 0.5), baseline?.quantile(null, 0.99)];
  if (count < LEAST_FAILURES || typeof half !== "number" || typeof usual !== "number") return null;
  if (half < SLOW_MS || half < SLOW_FACTOR * usual) return null;
  return told(
    `Requests fail slowly: half of ${countOf(count, "failure")} took ${formatMs(half)} or longer (p99 of the baseline: ${formatMs(usual)}). A shorter timeout of the service's own would tell callers sooner.`,
    { failures: count, failedAfterP50Ms: half, baselineP99Ms: usual },
  );
}
