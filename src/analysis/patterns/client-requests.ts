import { OUTCOMES } from "../../measure/outcome.js";
import type { PhaseRecord } from "../../measure/record.js";
import { sum } from "../statistics/intervals.js";

/** Requests of the load that went out, of those due between two times; seconds that are cut count in part. */
export function sentBetween({ all, startS }: PhaseRecord, fromS: number, untilS: number): number {
  let sent = 0;
  for (const [second, scheduled] of all.scheduled.entries()) {
    const beginsS = startS + second;
    const covered = Math.min(untilS, beginsS + 1) - Math.max(fromS, beginsS);
    if (covered > 0) sent += covered * (scheduled - (all.outcomes.unsent[second] ?? 0));
  }
  return sent;
}

/** Requests of the load that went out in the phase. */
export function sentIn(phase: PhaseRecord): number {
  return sentBetween(phase, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
}

export function goodIn({ all }: PhaseRecord): number {
  return sum(all.outcomes.ok);
}

/** For each name of the load that was asked for: the share of its requests that were answered well. */
export function goodSharesByName({ requests }: PhaseRecord): readonly number[] {
  return requests.flatMap(({ scheduled, outcomes }) => {
    const sent = sum(scheduled) - sum(outcomes.unsent);
    return sent > 0 ? [sum(outcomes.ok) / sent] : [];
  });
}

/**
 * How long half of the load's requests waited, of those due in the second of this stretch in which they waited longest.
 * Seconds that only begin or end in it count by more than half. @returns null when nobody knows.
 */
export function longestMedianWaitS(
  { all, startS }: PhaseRecord,
  fromS: number,
  untilS: number,
): number | null {
  const first = Math.max(0, Math.round(fromS - startS));
  const last = Math.max(first + 1, Math.round(untilS - startS));
  const waits = all.scheduled.slice(first, last).flatMap((_, at) => {
    const second = first + at;
    const failed = all.timeToFailure?.ms.p50[second] ?? null;
    const good = all.latencyMs.p50[second] ?? null;
    const isMostlyGood = 2 * (all.outcomes.ok[second] ?? 0) >= (all.scheduled[second] ?? 0);
    const medianMs = isMostlyGood ? good : failed;
    return medianMs === null ? [] : [medianMs / 1000];
  });
  return waits.length === 0 ? null : Math.max(...waits);
}

/** Answers of the phase that were a fallback. @returns null where no request says which are. */
export function degradedIn({ all }: PhaseRecord): number | null {
  return all.degraded ? sum(all.degraded) : null;
}

/** Share of the requests of these seconds that got an answer, good or bad. @returns null when none went out. */
export function answeredShare({ all, startS }: PhaseRecord, fromS: number, untilS: number): number | null {
  const first = Math.max(0, Math.floor(fromS - startS));
  const last = Math.ceil(untilS - startS);
  let answered = 0;
  let ended = 0;
  for (const outcome of OUTCOMES) {
    if (outcome === "unsent") continue;
    const requests = sum(all.outcomes[outcome].slice(first, last));
    ended += requests;
    if (outcome === "ok" || outcome === "http_error") answered += requests;
  }
  return ended === 0 ? null : answered / ended;
}
