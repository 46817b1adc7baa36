/** What every report for people says of the ids that a check has held against what the load sent. */

import type { CheckReport } from "../../analysis/document/report.js";
import { momentText } from "../../analysis/wording/id-sentences.js";
import { formatClock, formatCount } from "../../support/format.js";

type Ids = NonNullable<CheckReport["ids"]>;

export interface IdCount {
  readonly name: string;
  readonly count: string;
}

export interface IdRow {
  /** "lost", "duplicated", "unexpected" */
  readonly kind: string;
  readonly id: string;
  /** "at 0:42 in "slow cache"", "by nobody" */
  readonly sent: string;
}

/** From what was sent to what became of it. */
export function idCounts(ids: Ids): readonly IdCount[] {
  const withoutId = ids.withoutId === 0 ? [] : [{ name: "without an id", count: formatCount(ids.withoutId) }];
  const groups = (["lost", "duplicated", "unexpected", "recovered"] as const).map((name) => ({
    name,
    count: formatCount(ids[name].count),
  }));
  return [
    { name: "acknowledged", count: formatCount(ids.acknowledged) },
    { name: "refused", count: formatCount(ids.refused) },
    { name: "unknown", count: formatCount(ids.unknown) },
    ...withoutId,
    { name: "found", count: formatCount(ids.stored) },
    ...groups,
  ];
}

/** Examples of what should not be, at most so many of each kind. */
export function idExamples(ids: Ids, most: number): readonly IdRow[] {
  return (["lost", "duplicated", "unexpected"] as const).flatMap((kind) =>
    ids[kind].examples.slice(0, most).map((example) => ({
      kind,
      id: example.id,
      sent: `${example.sentAtS === null ? "" : `at ${formatClock(example.sentAtS)} `}${momentText(example)}`,
    })),
  );
}
