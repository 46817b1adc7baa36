/** Compares the breaking points that a search found in two runs of the same scenario. Pure. */

import type { FaultSearch } from "../../measure/record.js";
import type { FaultReport } from "../document/report.js";
import { lessIsWorse } from "../fault/search-report.js";
import { cannotTell, type SloAnswer } from "./compare-slos.js";
import type { ComparedSlo } from "./run-comparison.js";

/** A breaking point has moved when one is surely milder by this factor. Trials near it pass or fail by chance. */
const LEAST_RATIO = 1.25;

/** One line for both searches. @returns [] when neither run searched here. */
export function compareSearches(
  before: FaultReport | undefined,
  after: FaultReport | undefined,
): ComparedSlo[] {
  const [old, now] = [before?.search ?? null, after?.search ?? null];
  const known = now ?? old;
  if (known === null) return [];
  const pair = {
    fault: (after ?? before)?.name ?? null,
    slo: `${known.attribute} until ${known.until}`,
    phase: "fault",
    unit: "ms",
    old: before && old ? comparedValue(before, old) : null,
    new: after && now ? comparedValue(after, now) : null,
  } as const;
  if (old === null || now === null) {
    return [
      {
        ...pair,
        answer: "cannot_tell",
        undecided: "one_run",
        because: { id: "search_in_one_run", run: now ? "later" : "earlier" },
        reason: `Only the ${now ? "later" : "earlier"} run has this search.`,
      },
    ];
  }
  return [{ ...pair, ...answer(old, now) }];
}

/** What is searched, and where. Without what was found. */
export function whatIsSearched({ attribute, proxy, until }: FaultSearch): string {
  return `search of ${attribute} on ${proxy} until "${until}" breaks`;
}

/** Whether two faults search for the same thing in the same place. */
export function isSameSearch(old: FaultSearch | null, now: FaultSearch | null): boolean {
  return (
    old !== null &&
    now !== null &&
    old.attribute === now.attribute &&
    old.proxy === now.proxy &&
    old.until === now.until
  );
}

function comparedValue({ verdict }: FaultReport, { holdsUpTo, unit }: FaultSearch) {
  // Amounts of data have no unit that a column of SLOs could show.
  return { verdict, observed: unit === "ms" ? holdsUpTo : null, censored: false };
}

function answer(old: FaultSearch, now: FaultSearch): SloAnswer {
  const reason = `Now ${found(now)}; earlier ${found(old)}.`;
  const because = {
    id: "breaking_point",
    heldBefore: old.holdsUpTo,
    brokeBefore: old.breaksAt,
    holdsNow: now.holdsUpTo,
    breaksNow: now.breaksAt,
  };
  const less = lessIsWorse(old) || lessIsWorse(now);
  /** Whether `a` is surely milder than `b`. */
  const milder = (a: number, b: number) => (less ? a >= b * LEAST_RATIO : a * LEAST_RATIO <= b) && a !== b;
  if (now.breaksAt !== null && old.holdsUpTo !== null && milder(now.breaksAt, old.holdsUpTo)) {
    return { answer: "regressed", because, reason };
  }
  if (now.holdsUpTo !== null && (old.holdsUpTo === null || !milder(now.holdsUpTo, old.holdsUpTo))) {
    return { answer: "same", because, reason };
  }
  return cannotTell("too_few", reason, because);
}

function found({ holdsUpTo, breaksAt, unit }: FaultSearch): string {
  const holds = holdsUpTo === null ? "it held in no trial" : `it holds up to ${holdsUpTo} ${unit}`;
  return breaksAt === null ? holds : `${holds} and breaks at ${breaksAt} ${unit}`;
}
