/**
 * Where other programs had the CPUs that the system needed. A request may have waited for them, which is not the
 * system's doing.
 */

import type { PhaseRecord } from "../../measure/record.js";
import { sum } from "../statistics/intervals.js";
import type { StarvedFacts } from "../wording/machine-words.js";
import { lagLimitMs, untouchedSeconds } from "./lateness.js";

/**
 * For each second: whether what was due in it met a system that had its CPUs: in it, just before and while its answers
 * came. In a tenth of a second no request waits longer than the whole system did.
 */
export function fedSeconds(phase: PhaseRecord, tightestLimitUs: number): boolean[] {
  const waited = phase.machine?.seconds?.waitedAtOnce;
  if (waited === undefined) return phase.all.scheduled.map(() => true);
  const waitedMs = waited.map((s) => 1000 * s);
  return untouchedSeconds(phase.all, waitedMs, lagLimitMs(tightestLimitUs));
}

/**
 * The longest time in ms that a request can have waited in this phase. What had piled up in the second before is
 * included.
 */
export function longestWaitMs({ machine }: PhaseRecord, tightestLimitUs: number, timeoutMs: number): number {
  const { waited = [], waitedAtOnce = [] } = machine?.seconds ?? {};
  const limitMs = lagLimitMs(tightestLimitUs);
  // Many short waits in a second belong to many requests. Where there was a long one, all may belong to the same
  // request.
  const ofSecond = waitedAtOnce.map((s, second) => (1000 * s > limitMs ? (waited[second] ?? s) : s));
  const spanS = 2 + Math.ceil(timeoutMs / 1000);
  return 1000 * Math.max(0, ...ofSecond.map((_, second) => sum(ofSecond.slice(second, second + spanS))));
}

/** Mean wait in ms per second of the phase. @returns null when it is not known. */
export function meanWaitMs({ machine }: PhaseRecord): number | null {
  const waited = machine?.seconds?.waited ?? [];
  return waited.length === 0 ? null : (1000 * sum(waited)) / waited.length;
}

/** @returns null when the system had its CPUs, or when nobody knows. */
export function starvationOf(phase: PhaseRecord, tightestLimitUs: number): StarvedFacts | null {
  if (fedSeconds(phase, tightestLimitUs).every(Boolean)) return null;
  const worstS = Math.max(0, ...(phase.machine?.seconds?.waited ?? []));
  return { waitedMs: 1000 * Math.min(1, worstS) };
}
