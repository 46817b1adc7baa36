/** How long it took until acknowledged work was stored, in sentences. */

import type { Latency } from "../../slo/observations.js";
import { formatCount, formatMs, NOTHING } from "../../support/format.js";
import type { CompletionPhase, CompletionRange } from "../document/completion-part.js";

/** "3.2 s to 4.1 s", "at most 1.1 s", "never" */
export function completionText({ atLeast, atMost }: CompletionRange): string {
  if (atMost === null) return NOTHING;
  if (atMost === "inf")
    return typeof atLeast === "number" && atLeast > 0 ? `over ${formatMs(atLeast)}` : "never";
  if (typeof atLeast !== "number" || atLeast === 0) return `at most ${formatMs(atMost)}`;
  return atLeast === atMost ? formatMs(atMost) : `${formatMs(atLeast)} to ${formatMs(atMost)}`;
}

/** Of a fault in which it took longer than in the baseline. */
export function slowerCompletion(
  request: string,
  baseline: CompletionPhase,
  during: CompletionPhase,
): string {
  const { never, acknowledged } = during;
  const lost =
    never === 0
      ? ""
      : ` ${formatCount(never)} of ${formatCount(acknowledged)} ${never === 1 ? "was" : "were"} never seen there.`;
  return (
    `It took longer until acknowledged "${request}" requests were stored: p95 ${completionText(during.p95)}, ` +
    `in the baseline ${completionText(baseline.p95)}.${lost}`
  );
}

type Bounds = { readonly atLeast: Latency; readonly atMost: Latency };

/** Of a check that held: how soon 95 % were there, in ms. One of the two is not null. */
export type CompletedFacts = {
  readonly baseline: Bounds | null;
  /** Of the fault in which it took longest. */
  readonly slowest: (Bounds & { readonly fault: string }) | null;
};

/** @returns null when no phase tells. */
export function completedFacts(phases: readonly CompletionPhase[]): CompletedFacts | null {
  const baseline = phases.find(({ when }) => when === "baseline");
  const [worst] = slowestFirst(
    phases.filter(({ when, acknowledged }) => when === "fault" && acknowledged > 0),
  );
  const facts = {
    baseline: baseline === undefined || baseline.acknowledged === 0 ? null : boundsOf(baseline.p95),
    slowest: worst === undefined ? null : { ...boundsOf(worst.p95), fault: worst.fault ?? "" },
  };
  return facts.baseline === null && facts.slowest === null ? null : facts;
}

function boundsOf({ atLeast, atMost }: CompletionRange): Bounds {
  return { atLeast, atMost };
}

/** How soon everything was there, without a fault and with the one that was worst. */
export function completedSentence({ baseline, slowest }: CompletedFacts): string {
  const texts = [
    ...(baseline === null ? [] : [`${completionText(baseline)} in the baseline`]),
    ...(slowest === null ? [] : [`${completionText(slowest)} in "${slowest.fault}"`]),
  ];
  return `95 % of them were there after ${texts.join(", and after ")}.`;
}

/** By the time after which 95 % were there. */
export function slowestFirst(phases: readonly CompletionPhase[]): readonly CompletionPhase[] {
  return [...phases].sort((a, b) => order(b.p95.atMost) - order(a.p95.atMost));
}

function order(latency: Latency): number {
  return latency === "inf" ? Number.POSITIVE_INFINITY : (latency ?? 0);
}
