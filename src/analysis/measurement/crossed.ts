/** What crossed a proxy in a phase, as counts of spans of about a second. */

import type { HttpTraffic } from "../../faults/http-traffic.js";
import type { PhaseRecord } from "../../measure/record.js";
import type { Crossing, TimedCounts } from "../../slo/observations.js";

/** Times in seconds since load began. */
interface Span {
  readonly fromS: number;
  readonly untilS: number;
  readonly count: number;
}

/**
 * Counts from the phase's begin (a recovery: from when its fault was taken out) to its end. A span that crosses the end
 * counts as a whole, or not at all. @returns null when nobody counted.
 */
export function crossedIn(phase: PhaseRecord, proxy: string, crossing: Crossing): TimedCounts | null {
  const http = (phase.http ?? []).filter((stretch) => stretch.proxy === proxy);
  if (http.length > 0) return crossedStretches(phase, http, crossing);
  const spans = crossing === "opened" ? acceptedSpans(phase, proxy) : null;
  return spans && within(phase, spans);
}

/** The same of stretches of one proxy that follow each other: what came between the phase and the next one is left out. */
export function crossedStretches(
  phase: Pick<PhaseRecord, "startS" | "durationS">,
  stretches: readonly HttpTraffic[],
  crossing: Crossing,
): TimedCounts {
  return within(
    phase,
    stretches.flatMap((stretch, at) => spansOf(stretch, stretches[at + 1], crossing)),
  );
}

function within(phase: Pick<PhaseRecord, "startS" | "durationS">, spans: readonly Span[]): TimedCounts {
  const endS = phase.startS + phase.durationS;
  const kept = spans.filter(({ fromS, untilS }) => (fromS + untilS) / 2 <= endS);
  return {
    counts: kept.map(({ count }) => count),
    lengthS: kept.map(({ fromS, untilS }) => untilS - fromS),
  };
}

/** The next stretch cuts the last second of one. */
function spansOf(
  { startS, seconds }: HttpTraffic,
  next: HttpTraffic | undefined,
  crossing: Crossing,
): readonly Span[] {
  const counts = seconds[crossing];
  const endS = next?.startS ?? Number.POSITIVE_INFINITY;
  return counts.map((count, second) => ({
    fromS: startS + second,
    untilS: Math.min(startS + second + 1, endS),
    count,
  }));
}

function acceptedSpans({ accepted = [] }: PhaseRecord, proxy: string): readonly Span[] | null {
  const counted = accepted.find((each) => each.proxy === proxy);
  if (!counted) return null;
  return counted.connections.map((count, at) => ({
    fromS: counted.fromS[at] ?? 0,
    untilS: counted.untilS[at] ?? 0,
    count,
  }));
}
