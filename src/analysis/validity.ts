/** Whether a phase's measurement can be trusted, so that the system is never blamed for the generator's slowness. */

import type { PhaseRecord } from "../measure/record.js";
import { formatMs, formatRatio } from "../support/format.js";

const WHAT_HELPS = "A lower rate or a less busy machine helps.";
const LEAST_LAG_LIMIT_MS = 2;
/** Of the tightest latency target. */
const LAG_SHARE_OF_TARGET = 0.1;
const LEAST_SENT_SHARE = 0.99;
const MOST_INVALID_SECONDS = 0.05;
/** From so many seconds on a single invalid one is let pass, where 5 % would be less than one. */
const ONE_IS_FORGIVEN_FROM_S = 3;

/**
 * Why the phase is invalid; null when it can be trusted. A second is invalid when the generator was late by more than
 * max(2 ms, 10 % of the tightest target) at p99, or sent less than 99 % of what was due for its own reasons; a phase,
 * when more than 5 % of its seconds are, and more than one. (A verdict that hangs on a late second is not let through
 * either way: it is judged by both clocks.)
 */
export function invalidReason(phase: PhaseRecord, tightestLimitUs: number): string | null {
  if (phase.lost !== null) return `Part of the load was lost, so nothing can be said: ${phase.lost}.`;
  const lagLimitMs = Math.max(LEAST_LAG_LIMIT_MS, (LAG_SHARE_OF_TARGET * tightestLimitUs) / 1000);
  const { scheduled, unsentByGenerator, lagP99Ms } = phase.all;
  let busy = 0;
  let late = 0;
  let unsent = 0;
  let worstLagMs = 0;
  for (let t = 0; t < scheduled.length; t++) {
    if (scheduled[t] === 0) continue;
    busy++;
    const lag = lagP99Ms[t] ?? 0;
    worstLagMs = Math.max(worstLagMs, lag);
    if (unsentByGenerator[t]! > (1 - LEAST_SENT_SHARE) * scheduled[t]!) unsent++;
    else if (lag > lagLimitMs) late++;
  }
  const invalid = late + unsent;
  const allowed = Math.max(busy < ONE_IS_FORGIVEN_FROM_S ? 0 : 1, MOST_INVALID_SECONDS * busy);
  if (busy === 0 || invalid <= allowed) return null;
  const share = `${invalid} of ${busy} s (${formatRatio(invalid / busy)})`;
  return late >= unsent
    ? `The load generator itself was late in ${share}, by up to ${formatMs(worstLagMs)} where ${formatMs(lagLimitMs)} is allowed: ` +
        `the machine was too busy for this load. ${WHAT_HELPS}`
    : `The load generator could not send what was due in ${share}: the machine was too busy for this load. ${WHAT_HELPS}`;
}
