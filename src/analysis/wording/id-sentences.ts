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

type Sent = {
  readonly when: IdGroup["sent"][number]["when"];
  readonly fault: string | null;
  readonly count: number;
};

/** Ids of which there are more than there may be, most telling kind first. */
export type BrokenIds = {
  readonly request: string;
  readonly acknowledged: number;
  readonly broken: readonly {
    readonly kind: LimitedKind;
    readonly count: number;
    /** When they were sent, most of them first. */
    readonly sent: readonly Sent[];
    /** One of those that were sent when most were. null: there is none. */
    readonly example: { readonly id: string; readonly sentAtS: number | null } | null;
  }[];
};

/** @returns null when nothing is more than it may be. */
export function brokenIds(ids: IdsRecord): BrokenIds | null {
  const kinds = brokenKinds(ids);
  if (kinds.length === 0) return null;
  const { request, acknowledged } = ids;
  const broken = kinds.map((kind) => {
    const { count, examples } = ids[kind];
    const sent = sentMostFirst(ids[kind]);
    const [most] = sent;
    const isTelling = (each: IdExample) => each.when === most?.when && each.fault === most.fault;
    const example = examples.find(isTelling) ?? examples[0];
    return {
      ...{ kind, count, sent },
      example: example === undefined ? null : { id: example.id, sentAtS: example.sentAtS },
    };
  });
  return { request, acknowledged, broken };
}

function sentMostFirst({ sent }: IdGroup): readonly Sent[] {
  return [...sent]
    .sort((a, b) => b.count - a.count)
    .map(({ when, fault, count }) => ({ when, fault, count }));
}

/** The same as sentences, with when they were sent and one example. */
export function idsBrokenSentence({ request, acknowledged, broken }: BrokenIds): string {
  const whatBecame = (kind: LimitedKind, count: number) =>
    ({
      lost: `of ${formatCount(acknowledged)} acknowledged "${request}" requests are lost`,
      duplicated: `${isAre(count)} there more often than sent`,
      unexpected: `${isAre(count)} there that ${wasWere(count)} refused or never sent`,
    })[kind];
  return broken
    .map((each) => `${formatCount(each.count)} ${whatBecame(each.kind, each.count)}${sentText(each)}.`)
    .join(" ");
}

/** For a headline. */
export type BriefIds = Pick<BrokenIds, "request" | "acknowledged"> & {
  readonly broken: readonly { readonly kind: LimitedKind; readonly count: number }[];
  /** When most of the first kind were sent. null: nobody sent them. */
  readonly mostSent: Sent | null;
};

/** @returns null when nothing is more than it may be. */
export function briefIds(ids: IdsRecord): BriefIds | null {
  const facts = brokenIds(ids);
  const [first] = facts?.broken ?? [];
  if (facts === null || first === undefined) return null;
  const broken = facts.broken.map(({ kind, count }) => ({ kind, count }));
  return { ...facts, broken, mostSent: first.sent[0] ?? null };
}

/** The same in one sentence, for a headline: with when most of the first kind were sent, and no example. */
export function idsBrokenBriefly({ request, acknowledged, broken, mostSent: most }: BriefIds): string {
  const [first, ...others] = broken;
  if (first === undefined) return "";
  const { kind, count } = first;
  const when =
    most === null
      ? ""
      : `, ${most.count === count ? "all" : `${formatCount(most.count)} of them`} sent ${momentText(most)}`;
  const whole =
    kind === "lost"
      ? `of ${formatCount(acknowledged)} acknowledged "${request}" requests`
      : `"${request}" requests`;
  const also = others.map((each) => `; ${formatCount(each.count)} ${WHAT_BECAME[each.kind]}`).join("");
  return `${formatCount(count)} ${whole} ${isAre(count)} ${WHAT_BECAME[kind]}${when}${also}.`;
}

const WHAT_BECAME = {
  lost: "lost",
  duplicated: "there more often than sent",
  unexpected: "there although refused or never sent",
} as const satisfies Record<LimitedKind, string>;

export type HeldIds = {
  readonly request: string;
  readonly acknowledged: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly unexpected: number;
};

/** "All 3,000 acknowledged "checkout" requests are there, each once." and what may be there beside them. */
export function idsHeldSentence({ request, acknowledged, lost, duplicated, unexpected }: HeldIds): string {
  const all =
    lost === 0
      ? `All ${formatCount(acknowledged)} acknowledged "${request}" requests are there`
      : `${formatCount(lost)} of ${formatCount(acknowledged)} acknowledged "${request}" requests are lost, which is allowed`;
  const twice = duplicated === 0 ? "" : `; ${formatCount(duplicated)} more often than sent`;
  const more =
    unexpected === 0 ? "" : `; ${formatCount(unexpected)} that were refused or never sent are there, too`;
  return `${all}${twice}${more}.`;
}

/** Ids of which nobody knew whether they would be there. */
export function recoveredSentence({
  unknown,
  recovered,
}: {
  readonly unknown: number;
  readonly recovered: number;
}): string {
  return `Of ${formatCount(unknown)} with an unknown outcome, ${formatCount(recovered)} ${isAre(recovered)} there.`;
}

/** ": 9 sent in "cache cut off", 3 sent after "cache cut off" (such as a1b2, sent at 0:42)" */
function sentText({ sent, example }: BrokenIds["broken"][number]): string {
  const told = sent.map((each) => `${formatCount(each.count)} sent ${momentText(each)}`).join(", ");
  const such =
    example === null
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

function isAre(count: number): string {
  return count === 1 ? "is" : "are";
}

function wasWere(count: number): string {
  return count === 1 ? "was" : "were";
}
