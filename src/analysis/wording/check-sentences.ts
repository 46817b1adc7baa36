/** What became of a check, in sentences. */

import type { CheckAsks } from "../../measure/checks/check-record.js";
import { formatCount, formatSeconds } from "../../support/format.js";
import { countOf, sentence } from "./wording.js";

/** `others`: when else it did not hold. */
export function brokenSentence(first: CheckAsks, others: readonly CheckAsks[], withinS: number): string {
  const { firstBroken, broken, asked, when } = first;
  const often = asked > 1 ? ` (${formatCount(broken)} of ${countOf(asked, "answer")})` : "";
  const patience = when === "end" && withinS > 0 ? `, also after ${formatSeconds(withinS)}` : "";
  const what = firstBroken?.reason ?? "another answer than expected";
  return `It does not hold ${whenText(first)}${often}${patience}: ${sentence(what)}${alsoBroken(others)}`;
}

/** A sentence names at most this many other times. With more it gives their number. */
const MOST_NAMED = 2;

function alsoBroken(others: readonly CheckAsks[]): string {
  if (others.length === 0) return "";
  const named = others.map(whenText).join(" and ");
  return ` Nor does it hold ${others.length <= MOST_NAMED ? named : `at ${others.length} other times`}.`;
}

/** In a fault, or in the recovery from it. */
export function brokenInFault(name: string, asks: CheckAsks): string {
  const what = asks.firstBroken?.reason ?? "another answer than expected";
  const where = asks.when === "recovery" ? "In the recovery from it" : "In it";
  return `${where} "${name}" does not hold: ${sentence(what)}`;
}

/** Of ids that were sent in a fault, or in the recovery from it. */
export function idsOfFault(
  name: string,
  request: string,
  counts: { readonly lost: number; readonly duplicated: number; readonly unexpected: number },
): string {
  const parts = [
    counts.lost > 0 ? `${formatCount(counts.lost)} lost` : "",
    counts.duplicated > 0 ? `${formatCount(counts.duplicated)} duplicated` : "",
    counts.unexpected > 0 ? `${formatCount(counts.unexpected)} unexpected` : "",
  ].filter(Boolean);
  return `"${request}" requests that were sent in it or in the recovery from it: ${parts.join(", ")} (check "${name}").`;
}

export function unaskedSentence(first: CheckAsks): string {
  const { firstUnasked, unasked, asked } = first;
  const often = asked > 1 ? ` (${formatCount(unasked)} of ${countOf(asked, "time")})` : "";
  const what = firstUnasked?.reason ?? "there was no answer";
  return `It could not be asked ${whenText(first)}${often}: ${sentence(what)}`;
}

export function neverAskedSentence(): string {
  return "It was not asked: the run did not get there.";
}

export function heldSentence(asked: readonly CheckAsks[]): string {
  const times = asked.reduce((sum, each) => sum + each.asked, 0);
  const late = asked.find(({ attempts, asked: answers }) => attempts > answers)?.heldAfterS;
  const when = late === undefined ? "" : `, ${formatSeconds(late)} after the end of the load`;
  return times === 1 && asked[0]
    ? `It holds ${whenText(asked[0])}${when}.`
    : `It held all ${formatCount(times)} times${when}.`;
}

/** "in the baseline", "in \"slow cache\"", "in the recovery from \"slow cache\"", "at the end" */
export function whenText({ when, fault }: Pick<CheckAsks, "when" | "fault">): string {
  switch (when) {
    case "baseline":
      return "in the baseline";
    case "fault":
      return `in "${fault ?? ""}"`;
    case "recovery":
      return `in the recovery from "${fault ?? ""}"`;
    case "end":
      return "at the end";
  }
}
