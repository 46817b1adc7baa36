/** What became of the ids that a load has sent, in sentences. */

import { brokenKinds, type LimitedKind } from "../../measure/checks/broken-ids.js";
import type { IdExample, IdGroup, IdsRecord } from "../../measure/checks/ids-record.js";
import { formatClock, formatCount } from "../../support/format.js";

/** What is more than it may be: "12 of 3,000 acknowledged are lost". @returns null when nothing is. */
export function idsBroken(ids: IdsRecord): string | null {
  const { acknowledged, lost, duplicated, unexpected } = ids;
  const texts = {
    lost: `${countOf(lost)} of ${formatCount(acknowledged)} acknowledged are lost`,
    duplicated: `${countOf(duplicated)} are there more often than they were sent`,
    unexpected: `${countOf(unexpected)} are there that were refused or never sent`,
  };
  const broken = brokenKinds(ids);
  return broken.length === 0 ? null : broken.map((kind) => texts[kind]).join(", ");
}

/** The same as sentences, with when they were sent and one example. */
export function idsBrokenSentence(ids: IdsRecord): string {
  const { acknowledged, lost, duplicated, unexpected, request } = ids;
  const texts = {
    lost: `${countOf(lost)} of ${formatCount(acknowledged)} acknowledged "${request}" requests are lost`,
    duplicated: `${countOf(duplicated)} ${isAre(duplicated)} there more often than sent`,
    unexpected: `${countOf(unexpected)} ${isAre(unexpected)} there that ${wasWere(unexpected)} refused or never sent`,
  };
  return brokenKinds(ids)
    .map((kind) => `${texts[kind]}${sentText(ids[kind])}.`)
    .join(" ");
}

/** The same in one sentence, for a headline: with when most of the first kind were sent, and no example. */
export function idsBrokenBriefly(ids: IdsRecord): string {
  const { acknowledged, request } = ids;
  const [first, ...others] = brokenKinds(ids);
  if (first === undefined) return "";
  const { sent, count } = ids[first];
  const [most] = [...sent].sort((a, b) => b.count - a.count);
  const when =
    most === undefined
      ? ""
      : `, ${most.count === count ? "all" : `${formatCount(most.count)} of them`} sent ${momentText(most)}`;
  const whole =
    first === "lost"
      ? `of ${formatCount(acknowledged)} acknowledged "${request}" requests`
      : `"${request}" requests`;
  const also = others.map((kind) => `; ${countOf(ids[kind])} ${WHAT_BECAME[kind]}`).join("");
  return `${countOf(ids[first])} ${whole} ${isAre(ids[first])} ${WHAT_BECAME[first]}${when}${also}.`;
}

const WHAT_BECAME = {
  lost: "lost",
  duplicated: "there more often than sent",
  unexpected: "there although refused or never sent",
} as const satisfies Record<LimitedKind, string>;

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

function countOf({ count }: IdGroup): string {
  return formatCount(count);
}

function isAre({ count }: IdGroup): string {
  return count === 1 ? "is" : "are";
}

function wasWere({ count }: IdGroup): string {
  return count === 1 ? "was" : "were";
}
