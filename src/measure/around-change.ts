/** What became of requests around a change of a fault. No phase judges them. */

import { z } from "zod";
import { OUTCOMES, type Outcome, perOutcome } from "./outcome.js";
import { count, type Described, listOf, nullableText } from "./schema-parts.js";

const nameCounts = z.looseObject({
  /** null: all names together. */
  request: nullableText,
  outcomes: z.looseObject(perOutcome(() => count)),
});

const aroundChange = listOf(nameCounts);

/** One entry for all names together, and one for each name of requests, or of what is timed beside them, that has some. */
export type AroundChange = Described<typeof aroundChange>;

/**
 * - injection: requests that ended after the fault went in, and were due before the first second of its phase.
 * - removal: requests that were due after the last second of its phase, and ended before the next fault went in or were
 *   due before the next phase.
 */
export const aroundFault = z.looseObject({
  injection: aroundChange.optional(),
  removal: aroundChange.optional(),
});

export type AroundFault = Described<typeof aroundFault>;

interface Series {
  readonly request: string | null;
  readonly outcomes: Readonly<Record<Outcome, readonly number[]>>;
}

/** Those requests that have an outcome, and journeys with what else is timed. */
export function endedIn({
  all,
  requests,
  timed = [],
}: {
  readonly all: Series;
  readonly requests: readonly Series[];
  readonly timed?: readonly Series[] | undefined;
}): AroundChange {
  return [all, ...requests, ...timed].map(({ request, outcomes }) => ({
    request,
    outcomes: perOutcome((outcome) => outcomes[outcome].reduce((sum, each) => sum + each, 0)),
  }));
}

/** Those that ended since. */
export function endedSince(earlier: AroundChange, now: AroundChange): AroundChange {
  return now
    .map(({ request, outcomes }) => {
      const known = earlier.find((each) => each.request === request)?.outcomes;
      return {
        request,
        outcomes: perOutcome((outcome) => Math.max(0, outcomes[outcome] - (known?.[outcome] ?? 0))),
      };
    })
    .filter(({ request, outcomes }) => request === null || OUTCOMES.some((outcome) => outcomes[outcome] > 0));
}

/** Of one request name; null: of all. */
export function dueAndFailed(
  around: AroundChange | undefined,
  request: string | null,
): { readonly due: number; readonly failed: number } {
  const counts = around?.find((each) => each.request === request)?.outcomes;
  if (!counts) return { due: 0, failed: 0 };
  const due = OUTCOMES.reduce((sum, outcome) => sum + counts[outcome], 0);
  return { due, failed: due - counts.ok };
}
