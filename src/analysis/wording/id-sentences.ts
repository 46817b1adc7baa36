/** What became of the ids that a load has sent, in sentences. */

import type { IdExample, IdGroup, IdsRecord } from "../../measure/checks/ids-record.js";
import { formatClock, formatCount } from "../../support/format.js";

/** What is more than it may be: "12 of 3,000 acknowledged are lost". @returns null when nothing is. */
export function idsBroken(ids: IdsRecord): string | null {
  const { most, acknowledged, lost, duplicated, unexpected } = ids;
  const parts = [
    isOver(lost, most.lost) ? `${countOf(lost)} of ${formatCount(acknowledged)} acknowledged are lost` : "",
    isOver(duplicated, most.duplicated)
      ? `${countOf(duplicated)} are there more often than they were sent`
      : "",
    isOver(unexpected, most.unexpected)
      ? `${countOf(unexpected)} are there that were refused or never sent`
      : "",
  ].filter(Boolean);
  return parts.length === 0 ? null : parts.join(", ");
}

/** The same as sentences, with when they were sent and one example. */
export function idsBrokenSentence(ids: IdsRecord): string {
  const { most, acknowledged, lost, duplicated, unexpected, request } = ids;
  const sentences = [
    isOver(lost, most.lost)
      ? `${countOf(lost)} of ${formatCount(acknowledged)} acknowledged "${request}" requests are lost${sentText(lost)}`
      : "",
    isOver(duplicated, most.duplicated)
      ? `${countOf(duplicated)} ${isAre(duplicated)} there more often than sent${sentText(duplicated)}`
      : "",
    isOver(unexpected, most.unexpected)
      ? `${countOf(unexpected)} ${isAre(unexpected)} there that ${wasWere(unexpected)} refused or never sent${sentText(unexpected)}`
      : "",
  ].filter(Boolean);
  return sentences.map((each) => `${each}.`).join(" ");
}

/** "All 3,000 acknowledged "checkout" requests are there, each once." and what may be there beside them. */
export function idsHeldSentence(ids: IdsRecord): string {
  const { request, acknowledged, lost, duplicated, unexpected } = ids;
  const all =
    lost.count === 0
      ? `All ${formatCount(acknowledged)} acknowledged "${request}" requests are there`
      : `${countOf(lost)} of ${formatCount(acknowledged)} acknowledged "${request}" requests are lost, which is allowed`;
  const twice = duplicated.count === 0 ? "" : `; ${countOf(duplicated)} more often than sent`;
  const more =
    unexpected.count === 0 ? "" : `; ${countOf(unexpected)} that were refused or never sent are there, too`;
  return `${all}${twice}${more}.${recoveredSentence(ids)}`;
}

/** Ids of which nobody knew whether they would be there. "" when there are none. */
export function recoveredSentence({ recovered, unknown }: IdsRecord): string {
  if (unknown === 0) return "";
  return ` Of ${formatCount(unknown)} with an unknown outcome, ${countOf(recovered)} ${isAre(recovered)} there.`;
}

/** ": 9 sent in "cache cut off", 3 sent after "cache cut off" (such as a1b2, sent at 0:42)". Most of them come first. */
function sentText({ sent, examples }: IdGroup): string {
  const byCount = [...sent].sort((a, b) => b.count - a.count);
  const [most] = byCount;
  const told = byCount.map((each) => `${formatCount(each.count)} sent ${momentText(each)}`).join(", ");
  const isTelling = (each: IdExample) => each.when === most?.when && each.fault === most.fault;
  const example = examples.find(isTelling) ?? examples[0];
  const such =
    example === undefined
      ? ""
      : ` (such as ${example.id}${example.sentAtS === null ? "" : `, sent at ${formatClock(example.sentAtS)}`})`;
  return `${told === "" ? "" : `: ${told}`}${such}`;
}

/** "in "slow cache"", "after "slow cache"", "in the baseline" */
export function momentText({ when, fault }: Pick<IdExample, "when" | "fault">): string {
  switch (when) {
    case "fault":
      return `in "${fault ?? ""}"`;
    case "recovery":
      return `after "${fault ?? ""}"`;
    case "warmup":
      return "in the warm-up";
    case "baseline":
      return "in the baseline";
    case null:
      return "by nobody";
  }
}

function isOver({ count }: IdGroup, most: number | null): boolean {
  return most !== null && count > most;
}

function countOf({ count }: IdGroup): string {
  return formatCount(count);
}

function isAre({ count }: IdGroup): string {
  return count === 1 ? "is" : "are";
}

function wasWere({ count }: IdGroup): string {
  return count === 1 ? "was" : "were";
}
