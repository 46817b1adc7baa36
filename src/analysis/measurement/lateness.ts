/**
 * The load generator's own lateness, second by second: where it was late, and where that cannot be the system's doing.
 */

import type { PhaseRecord } from "../../measure/record.js";
import { lostBySecond, secondsWithoutWorker } from "./lost-share.js";

const LEAST_LAG_LIMIT_MS = 2;
/** Share of the tightest latency target. */
const LAG_SHARE_OF_TARGET = 0.1;
/** Share of what was due. A second, or a phase, with less was not offered its load. */
export const LEAST_SENT_SHARE = 0.99;
const MOST_LATE_SECONDS = 0.05;
/**
 * In a phase of at least this many seconds, a single late second is not worth a word. 5 % of fewer seconds is less than
 * one.
 */
const ONE_IS_FORGIVEN_FROM_S = 3;
/**
 * Share of what kept the load generator from running. From here on the system may be the reason. The share is below one
 * half, because the few milliseconds that are excused can decide a promise.
 */
const SYSTEM_MAY_BE_WHY = 0.25;

export function lagLimitMs(tightestLimitUs: number): number {
  return Math.max(LEAST_LAG_LIMIT_MS, (LAG_SHARE_OF_TARGET * tightestLimitUs) / 1000);
}

/**
 * For each second: whether the load generator kept time in it and in the one before. A system still has to work off the
 * late requests of the second before.
 */
export function onTimeSeconds(phase: PhaseRecord, tightestLimitUs: number): boolean[] {
  const limitMs = lagLimitMs(tightestLimitUs);
  const lost = lostBySecond(phase);
  const onTime = phase.all.scheduled.map((_, second) => !isLate(phase, second, limitMs, lost));
  return onTime.map((isOnTime, second) => isOnTime && onTime[second - 1] !== false);
}

/**
 * For each second: whether what was due in it met no standstill of the embedded proxies. A standstill counts in the
 * second itself, just before it, and while its answers came: the system's client may have given up on bytes in a proxy
 * that stood still.
 */
export function undelayedSeconds(phase: PhaseRecord, tightestLimitUs: number): boolean[] {
  const { proxyLateMs, all } = phase;
  if (proxyLateMs === undefined) return all.scheduled.map(() => true);
  return untouchedSeconds(all, proxyLateMs, lagLimitMs(tightestLimitUs));
}

/**
 * For each second: whether it was free of delays above the limit. Delays just before it count, and so do those until
 * the last answer came to what was due in it.
 */
export function untouchedSeconds(
  { scheduled, latencyMs }: PhaseRecord["all"],
  delaysMs: readonly number[],
  limitMs: number,
): boolean[] {
  return scheduled.map((_, second) => {
    const last = second + 1 + Math.floor((latencyMs.max[second] ?? 0) / 1000);
    return delaysMs.slice(Math.max(0, second - 1), last + 1).every((delayMs) => delayMs <= limitMs);
  });
}

/** @param lost requests of workers that were gone, second by second. The others are not late because of them. */
function isLate({ all }: PhaseRecord, second: number, limitMs: number, lost: readonly number[]): boolean {
  const gone = lost[second] ?? 0;
  return (
    (all.lagP99Ms[second] ?? 0) > limitMs ||
    all.unsentByGenerator[second]! - gone > (1 - LEAST_SENT_SHARE) * (all.scheduled[second]! - gone)
  );
}

/**
 * For each second: whether the lateness of its requests is surely not the system's doing. So it is when other programs
 * had most of what was taken from the load generator, from that second until the last of its requests was sent. A
 * second is not excused when nobody knows, nor when the generator was late by more than the judged limit: then it
 * cannot have seen a standstill of that length.
 * @param limitUs null: no latency is judged.
 */
export function excusedSeconds(phase: PhaseRecord, limitUs: number | null = null): boolean[] {
  const { all, machine } = phase;
  const systemAtMost = machine?.seconds?.systemAtMost;
  const isWithoutWorker = secondsWithoutWorker(phase);
  return all.scheduled.map((_, second) => {
    const lateMs = all.lagP99Ms[second] ?? 0;
    if (limitUs !== null && 1000 * lateMs > limitUs) return false;
    // What a worker that is gone did not send is no system's doing.
    if (isWithoutWorker[second] && lateMs <= LEAST_LAG_LIMIT_MS) return true;
    const last = second + Math.ceil(lateMs / 1000);
    for (let at = second; at <= last; at++) {
      // Requests that were late beyond the phase's end were watched until then.
      const share = systemAtMost?.[at] ?? (at > second ? 0 : 1);
      if (share >= SYSTEM_MAY_BE_WHY) return false;
    }
    return true;
  });
}

/** How late the generator was in a phase, when that is worth a word. */
export interface Lateness {
  readonly lateS: number;
  readonly ofS: number;
  readonly worstMs: number;
}

/** The lateness of the load generator or the embedded proxies. */
export function latenessOf(phase: PhaseRecord, tightestLimitUs: number): Lateness | null {
  const limitMs = lagLimitMs(tightestLimitUs);
  const busy = phase.all.scheduled.flatMap((due, second) => (due > 0 ? [second] : []));
  const lost = lostBySecond(phase);
  const late = busy.filter((second) => isLate(phase, second, limitMs, lost));
  const allowed = Math.max(busy.length < ONE_IS_FORGIVEN_FROM_S ? 0 : 1, MOST_LATE_SECONDS * busy.length);
  if (late.length <= allowed) return null;
  const worstMs = Math.max(...busy.map((second) => phase.all.lagP99Ms[second] ?? 0));
  return { lateS: late.length, ofS: busy.length, worstMs };
}
