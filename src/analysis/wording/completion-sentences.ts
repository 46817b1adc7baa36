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

/** Of a check that held: how soon everything was there, without a fault and with the one that was worst. */
export function completedSentence(phases: readonly CompletionPhase[]): string {
  const baseline = phases.find(({ when }) => when === "baseline");
  const [worst] = slowestFirst(
    phases.filter(({ when, acknowledged }) => when === "fault" && acknowledged > 0),
  );
  const texts = [
    ...(baseline === undefined || baseline.acknowledged === 0
      ? []
      : [`${completionText(baseline.p95)} in the baseline`]),
    ...(worst === undefined ? [] : [`${completionText(worst.p95)} in "${worst.fault ?? ""}"`]),
  ];
  return texts.length === 0 ? "" : ` 95 % of them were there after ${texts.join(", and after ")}.`;
}

/** By the time after which 95 % were there. */
export function slowestFirst(phases: readonly CompletionPhase[]): readonly CompletionPhase[] {
  return [...phases].sort((a, b) => order(b.p95.atMost) - order(a.p95.atMost));
}

function order(latency: Latency): number {
  return latency === "inf" ? Number.POSITIVE_INFINITY : (latency ?? 0);
}
