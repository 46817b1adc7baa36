import type { SignalTrouble } from "../slo/signal-trouble.js";

/** One sample may be missing: a server that scrapes is late now and then. */
const MOST_MISSING = 2.5;

/** How long nothing may be known before it is a gap. */
export function longestSilenceMs(everyMs: number): number {
  return MOST_MISSING * everyMs;
}

export interface Watched {
  /** When the phase began. */
  readonly phaseMs: number;
  /** From when on something should be known. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly everyMs: number;
}

/**
 * The longest time without a sample, where it is too long to say anything of the phase.
 * @param knownMs when something was known, in order.
 * @returns null when there is no gap.
 */
export function gapIn(
  knownMs: readonly number[],
  { phaseMs, fromMs, untilMs, everyMs }: Watched,
): SignalTrouble | null {
  let longest = { fromMs, lengthMs: 0 };
  let lastMs = fromMs;
  for (const atMs of [...knownMs, untilMs]) {
    if (atMs - lastMs > longest.lengthMs) longest = { fromMs: lastMs, lengthMs: atMs - lastMs };
    lastMs = atMs;
  }
  if (longest.lengthMs <= longestSilenceMs(everyMs)) return null;
  return {
    id: "gap",
    facts: { fromS: secondsOf(longest.fromMs - phaseMs), lengthS: secondsOf(longest.lengthMs) },
  };
}

export function secondsOf(ms: number): number {
  return Math.round(ms) / 1000;
}
