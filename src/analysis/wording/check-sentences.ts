/** What became of a check, in sentences. */

import type { CheckAsks } from "../../measure/checks/check-record.js";
import { formatCount, formatSeconds } from "../../support/format.js";
import { countOf, sentence } from "./wording.js";

/** When a check was asked. */
export type CheckMoment = {
  readonly when: CheckAsks["when"];
  /** The fault's label. */
  readonly fault: string | null;
};

const OTHER_ANSWER = "another answer than expected";

/** `others`: when else it did not hold. */
export function brokenSentence({
  broken,
  asked,
  withinS,
  what,
  others,
  ...first
}: CheckMoment & {
  readonly broken: number;
  readonly asked: number;
  readonly withinS: number;
  readonly what: string | null;
  readonly others: readonly CheckMoment[];
}): string {
  const often = asked > 1 ? ` (${formatCount(broken)} of ${countOf(asked, "answer")})` : "";
  const patience = first.when === "end" && withinS > 0 ? `, also after ${formatSeconds(withinS)}` : "";
  return `It does not hold ${whenText(first)}${often}${patience}: ${sentence(what ?? OTHER_ANSWER)}${alsoBroken(others)}`;
}

/** A sentence names at most this many other times. With more it gives their number. */
const MOST_NAMED = 2;

function alsoBroken(others: readonly CheckMoment[]): string {
  if (others.length === 0) return "";
  const named = others.map(whenText).join(" and ");
  return ` Nor does it hold ${others.length <= MOST_NAMED ? named : `at ${others.length} other times`}.`;
}

/** In a fault, or in the recovery from it. */
export function brokenInFault({
  check,
  when,
  what,
}: {
  readonly check: string;
  readonly when: CheckAsks["when"];
  readonly what: string | null;
}): string {
  const where = when === "recovery" ? "In the recovery from it" : "In it";
  return `${where} "${check}" does not hold: ${sentence(what ?? OTHER_ANSWER)}`;
}

/** Of ids that were sent in a fault, or in the recovery from it. */
export function idsOfFault({
  check,
  request,
  ...counts
}: {
  readonly check: string;
  readonly request: string;
  readonly lost: number;
  readonly duplicated: number;
  readonly unexpected: number;
}): string {
  const parts = [
    counts.lost > 0 ? `${formatCount(counts.lost)} lost` : "",
    counts.duplicated > 0 ? `${formatCount(counts.duplicated)} duplicated` : "",
    counts.unexpected > 0 ? `${formatCount(counts.unexpected)} unexpected` : "",
  ].filter(Boolean);
  return `"${request}" requests that were sent in it or in the recovery from it: ${parts.join(", ")} (check "${check}").`;
}

export function unaskedSentence({
  unasked,
  asked,
  what,
  ...first
}: CheckMoment & {
  readonly unasked: number;
  readonly asked: number;
  readonly what: string | null;
}): string {
  const often = asked > 1 ? ` (${formatCount(unasked)} of ${countOf(asked, "time")})` : "";
  return `It could not be asked ${whenText(first)}${often}: ${sentence(what ?? "there was no answer")}`;
}

export const NEVER_ASKED = "It was not asked: the run did not get there.";

export function heldSentence({
  times,
  at,
  heldAfterS,
}: {
  readonly times: number;
  readonly at: CheckMoment | null;
  readonly heldAfterS: number | null;
}): string {
  const when = heldAfterS === null ? "" : `, ${formatSeconds(heldAfterS)} after the end of the load`;
  return at === null ? `It held all ${formatCount(times)} times${when}.` : `It holds ${whenText(at)}${when}.`;
}

/** "in the baseline", "in \"slow cache\"", "in the recovery from \"slow cache\"", "at the end" */
export function whenText({ when, fault }: CheckMoment): string {
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
