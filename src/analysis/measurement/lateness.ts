/** The load generator's own lateness, second by second: where it was late, and where that cannot be the system's doing. */

import type { PhaseRecord } from "../../measure/record.js";
import { formatMs } from "../../support/format.js";

const LEAST_LAG_LIMIT_MS = 2;
/** Of the tightest latency target. */
const LAG_SHARE_OF_TARGET = 0.1;
const LEAST_SENT_SHARE = 0.99;
const MOST_LATE_SECONDS = 0.05;
/** From so many seconds on a single late one is not worth a word, where 5 % would be less than one. */
const ONE_IS_FORGIVEN_FROM_S = 3;
/**
 * Of what kept the load generator from running; with this much or more it may have been the system's doing. Less than half,
 * as a promise may be kept or broken by the few milliseconds that are excused.
 */
const SYSTEM_MAY_BE_WHY = 0.25;

export function lagLimitMs(tightestLimitUs: number): number {
  return Math.max(LEAST_LAG_LIMIT_MS, (LAG_SHARE_OF_TARGET * tightestLimitUs) / 1000);
}

/**
 * For each second whether the load generator kept time in it and in the one before, whose burst
 * of late requests a system still has to work off.
 */
export function onTimeSeconds(phase: PhaseRecord, tightestLimitUs: number): boolean[] {
  const limitMs = lagLimitMs(tightestLimitUs);
  const onTime = phase.all.scheduled.map((_, second) => !isLate(phase, second, limitMs));
  return onTime.map((isOnTime, second) => isOnTime && onTime[second - 1] !== false);
}

/**
 * For each second whether what was due in it met no standstill of the embedded proxies, in it, just before or while its
 * answers came: the system's client may have given up on what lay in a proxy that stood still.
 */
export function undelayedSeconds(phase: PhaseRecord, tightestLimitUs: number): boolean[] {
  const { proxyLateMs, all } = phase;
  if (proxyLateMs === undefined) return all.scheduled.map(() => true);
  return untouchedSeconds(all, proxyLateMs, lagLimitMs(tightestLimitUs));
}

/**
 * For each second whether no delay of more than the limit fell into it, just before it, or into the time until the last
 * answer came to what was due in it.
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

function isLate({ all }: PhaseRecord, second: number, limitMs: number): boolean {
  return (
    (all.lagP99Ms[second] ?? 0) > limitMs ||
    all.unsentByGenerator[second]! > (1 - LEAST_SENT_SHARE) * all.scheduled[second]!
  );
}

/**
 * For each second whether the lateness of what was due in it is surely not the system's doing: others had most of what
 * was taken from the load generator, from then until the last of it was sent. Where nobody knows, it is not. Neither is it where
 * the generator was late by more than the limit that is judged: it cannot have seen a standstill of that length.
 * @param limitUs null: no latency is judged.
 */
export function excusedSeconds({ all, machine }: PhaseRecord, limitUs: number | null = null): boolean[] {
  const systemAtMost = machine?.seconds?.systemAtMost;
  return all.scheduled.map((_, second) => {
    const lateMs = all.lagP99Ms[second] ?? 0;
    if (limitUs !== null && 1000 * lateMs > limitUs) return false;
    const last = second + Math.ceil(lateMs / 1000);
    for (let at = second; at <= last; at++) {
      // What was late beyond the phase's end was watched until then.
      const share = systemAtMost?.[at] ?? (at > second ? 0 : 1);
      if (share >= SYSTEM_MAY_BE_WHY) return false;
    }
    return true;
  });
}

/** How late it was in a phase, when that is worth a word. */
export interface Lateness {
  readonly lateS: number;
  readonly ofS: number;
  readonly worstMs: number;
}

/** Of the load generator or the embedded proxies. */
export function latenessOf(phase: PhaseRecord, tightestLimitUs: number): Lateness | null {
  const limitMs = lagLimitMs(tightestLimitUs);
  const busy = phase.all.scheduled.flatMap((due, second) => (due > 0 ? [second] : []));
  const late = busy.filter((second) => isLate(phase, second, limitMs));
  const allowed = Math.max(busy.length < ONE_IS_FORGIVEN_FROM_S ? 0 : 1, MOST_LATE_SECONDS * busy.length);
  if (late.length <= allowed) return null;
  const worstMs = Math.max(...busy.map((second) => phase.all.lagP99Ms[second] ?? 0));
  return { lateS: late.length, ofS: busy.length, worstMs };
}

/** "late in 2 of 6 s, by up to 10.5 ms". */
export function latenessText({ lateS, ofS, worstMs }: Lateness): string {
  return `late in ${lateS} of ${ofS} s, by up to ${formatMs(worstMs)}`;
}
