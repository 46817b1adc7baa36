/** What went in and what went on, second by second: seconds that either side saw only in part are left out. */

import type { HttpTraffic } from "../../faults/http-traffic.js";
import { sentBetween } from "./client-requests.js";
import type { BothSides } from "./pattern.js";

export interface WholeSecond {
  /** Since load began. */
  readonly startS: number;
  /** To the dependency. */
  readonly requests: number;
  /** The most connections to it at one time. */
  readonly open: number;
}

/** A stretch ends where the next begins. */
export function wholeSeconds(
  stretches: readonly HttpTraffic[],
  fromS: number,
  untilS: number,
): readonly WholeSecond[] {
  return stretches.flatMap(({ startS, seconds }, at) => {
    const endS = Math.min(untilS, stretches[at + 1]?.startS ?? untilS);
    return seconds.requests.flatMap((requests, second) => {
      const ownS = startS + second;
      return ownS >= fromS && ownS + 1 <= endS
        ? [{ startS: ownS, requests, open: seconds.open[second] ?? 0 }]
        : [];
    });
  });
}

/**
 * Requests of the load that went out, and requests to the dependency, in the same seconds of the phase. What is due after
 * its end is counted in no phase.
 */
export function bothIn(
  { client, upstream }: BothSides,
  fromS = client.startS,
  untilS = client.startS + client.durationS,
): { readonly sent: number; readonly requests: number } {
  const endS = Math.min(untilS, client.startS + client.durationS);
  const seconds = wholeSeconds(upstream, Math.max(fromS, client.startS), endS);
  return {
    sent: seconds.reduce((sum, { startS }) => sum + sentBetween(client, startS, startS + 1), 0),
    requests: seconds.reduce((sum, { requests }) => sum + requests, 0),
  };
}
