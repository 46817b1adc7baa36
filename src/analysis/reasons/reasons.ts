/**
 * Every reason that a report gives: the id of each, its facts, and the one sentence that is made of them. A sentence is made of
 * facts alone, so a reader of report.json has all that it says.
 */

import type { Reason } from "../document/reason-part.js";
import { checkReasons } from "./check-reasons.js";
import { faultReasons } from "./fault-reasons.js";
import { measuredReasons } from "./measured-reasons.js";
import { otherMetricsReasons } from "./other-metrics-reasons.js";
import type { ReasonFacts, ReasonKind } from "./reason-kind.js";
import { runReasons } from "./run-reasons.js";
import { searchReasons } from "./search-reasons.js";
import { shareReasons } from "./share-reasons.js";
import { signalReasons } from "./signal-reasons.js";
import { timingReasons } from "./timing-reasons.js";

/** In the order of the reference. */
export const REASONS = {
  ...runReasons,
  ...faultReasons,
  ...searchReasons,
  ...shareReasons,
  ...otherMetricsReasons,
  ...signalReasons,
  ...timingReasons,
  ...measuredReasons,
  ...checkReasons,
};

export type ReasonId = keyof typeof REASONS;
export type FactsOf<Id extends ReasonId> = (typeof REASONS)[Id]["sample"];

/** Ids of reasons are of this list. One that is not is of another version. */
const KINDS: ReadonlyMap<string, ReasonKind<ReasonFacts>> = new Map(Object.entries(REASONS));

export function reason<Id extends ReasonId>(id: Id, facts: FactsOf<Id> & ReasonFacts): Reason {
  return { id, facts };
}

/** The sentences of reasons, in their order. Those of ids that this version does not know are left out. */
export function reasonText(reasons: readonly Reason[]): string {
  let text = "";
  let end = "";
  for (const { id, facts } of reasons) {
    const kind = KINDS.get(id);
    if (kind === undefined) continue;
    const own = kind.text(facts);
    text = text === "" ? own : `${text}${kind.joint === " " ? end : ""}${kind.joint}${own}`;
    end = kind.end;
  }
  return `${text}${end}`;
}

/** A reason as reports have it: its sentences, and the same as data. */
export interface Reasoned {
  readonly reason: string;
  readonly because: readonly Reason[];
}

export function because(...reasons: readonly Reason[]): Reasoned {
  return { reason: reasonText(reasons), because: reasons };
}

/** The same of a time, or of a proof. */
export interface Explained {
  readonly explanation: string;
  readonly because: readonly Reason[];
}

export function explained(...reasons: readonly Reason[]): Explained {
  return { explanation: reasonText(reasons), because: reasons };
}
