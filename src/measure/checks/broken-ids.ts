import type { IdsRecord } from "./ids-record.js";

const LIMITED = ["lost", "duplicated", "unexpected"] as const;
/** What a check on ids may limit. */
export type LimitedKind = (typeof LIMITED)[number];

/** Of which ids there are more than the check allows. [] when it holds. */
export function brokenKinds({ most, ...ids }: IdsRecord): readonly LimitedKind[] {
  return LIMITED.filter((kind) => {
    const limit = most[kind];
    return limit !== null && ids[kind].count > limit;
  });
}
