/** Whether a phase's measurement can be trusted, so that the system is never blamed for the generator's slowness. */

import type { PhaseRecord } from "../measure/record.js";
import { formatMs, formatRatio } from "../support/format.js";
import { saturation } from "./saturation.js";

const WHAT_HELPS =
  "it had too little of the machine's time for this load. A lower rate, more `workers:` or a less busy machine helps.";
const LEAST_LAG_LIMIT_MS = 2;
/** Of the tightest latency target. */
const LAG_SHARE_OF_TARGET = 0.1;
const LEAST_SENT_SHARE = 0.99;
const MOST_INVALID_SECONDS = 0.05;
/** From so many seconds on a single invalid one is let pass, where 5 % would be less than one. */
const ONE_IS_FORGIVEN_FROM_S = 3;

/** Why a phase cannot be trusted. */
export interface Distrust {
  readonly reason: string;
  /** What the load generator was: "late in 2 of 6 s, by up to 10.5 ms"; null: a part of the load is not known at all. */
  readonly lateness: string | null;
}

/** How a second went for the load generator: late beyond what is allowed, unable to send, or on time. */
type Punctuality = "on_time" | "late" | "unsent";

function lagLimitMs(tightestLimitUs: number): number {
  return Math.max(LEAST_LAG_LIMIT_MS, (LAG_SHARE_OF_TARGET * tightestLimitUs) / 1000);
}

function punctuality({ all }: PhaseRecord, second: number, limitMs: number): Punctuality {
  if (all.unsentByGenerator[second]! > (1 - LEAST_SENT_SHARE) * all.scheduled[second]!) return "unsent";
  return (all.lagP99Ms[second] ?? 0) > limitMs ? "late" : "on_time";
}

/**
 * For each second whether the load generator kept to its schedule in it and in the one before, whose burst of late
 * requests a system still has to work off.
 */
export function onTimeSeconds(phase: PhaseRecord, tightestLimitUs: number): boolean[] {
  const limitMs = lagLimitMs(tightestLimitUs);
  const onTime = phase.all.scheduled.map((_, second) => punctuality(phase, second, limitMs) === "on_time");
  return onTime.map((isOnTime, second) => isOnTime && onTime[second - 1] !== false);
}

/**
 * Why the phase is invalid; null when it can be trusted. A second is invalid when the generator was late by more than
 * max(2 ms, 10 % of the tightest target) at p99, or sent less than 99 % of what was due for its own reasons; a phase,
 * when more than 5 % of its seconds are, and more than one. (A verdict that hangs on a late second is not let through
 * either way: it is judged twice.)
 */
export function distrust(phase: PhaseRecord, tightestLimitUs: number): Distrust | null {
  if (phase.lost !== null) {
    return { reason: `Part of the load was lost, so nothing can be said: ${phase.lost}.`, lateness: null };
  }
  const limitMs = lagLimitMs(tightestLimitUs);
  const { scheduled, lagP99Ms } = phase.all;
  let busy = 0;
  let late = 0;
  let unsent = 0;
  let worstLagMs = 0;
  for (let t = 0; t < scheduled.length; t++) {
    if (scheduled[t] === 0) continue;
    busy++;
    worstLagMs = Math.max(worstLagMs, lagP99Ms[t] ?? 0);
    const went = punctuality(phase, t, limitMs);
    if (went === "unsent") unsent++;
    else if (went === "late") late++;
  }
  const invalid = late + unsent;
  const allowed = Math.max(busy < ONE_IS_FORGIVEN_FROM_S ? 0 : 1, MOST_INVALID_SECONDS * busy);
  if (busy === 0 || invalid <= allowed) return null;
  const seconds = `${invalid} of ${busy} s`;
  const share = `${seconds} (${formatRatio(invalid / busy)})`;
  const machine = saturation(phase.machine);
  const what = machine === null ? WHAT_HELPS : `${WHAT_HELPS} The machine ${machine}.`;
  return late >= unsent
    ? {
        reason: `The load generator itself was late in ${share}, by up to ${formatMs(worstLagMs)} where ${formatMs(limitMs)} is allowed: ${what}`,
        lateness: `late in ${seconds}, by up to ${formatMs(worstLagMs)}`,
      }
    : {
        reason: `The load generator could not send what was due in ${share}: ${what}`,
        lateness: `unable to send what was due in ${seconds}`,
      };
}
