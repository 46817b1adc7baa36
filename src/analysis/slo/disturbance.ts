/**
 * What this machine had to do with a verdict, in sentences: the generator's own lateness, and CPUs that the system did
 * not get.
 */

import type { PhaseRecord } from "../../measure/record.js";
import { formatCount, formatMs } from "../../support/format.js";
import { latenessOf, latenessText } from "../measurement/lateness.js";
import { whoHadTheMachine } from "../measurement/machine-share.js";
import type { PhaseObservations, PhaseView } from "../measurement/phase-view.js";
import { starvationText } from "../measurement/starvation.js";
import type { Distrust } from "../measurement/validity.js";

/** At least one of the two is not null. */
export interface Disturbance {
  /** What the load generator was: "late in 2 of 6 s, by up to 10.5 ms". */
  readonly late: string | null;
  /** What the system did: "waited for a CPU for up to 812 ms of a second". */
  readonly starved: string | null;
}

/** @returns null when nothing worth a word disturbed the phase, or somebody else made the load. */
export function disturbanceOf(
  { ownLoad }: PhaseObservations,
  tightestLimitUs: number,
  invalid: Distrust | null,
): Disturbance | null {
  if (ownLoad === undefined) return null;
  const lateness = latenessOf(ownLoad.record, tightestLimitUs);
  const late = invalid?.lateness ?? (lateness && latenessText(lateness));
  const starved = starvationText(ownLoad.record, tightestLimitUs);
  return late === null && starved === null ? null : { late, starved };
}

/** Why there is no verdict: it would change with what this machine may have caused. */
export function machineDecides(
  seen: string,
  without: string,
  phase: PhaseRecord,
  disturbance: Disturbance | null,
): string {
  const who = whoHadTheMachine(phase);
  const starved = disturbance?.starved ?? null;
  const [what, that] =
    starved === null
      ? ["The load generator's own lateness decides this one", "that lateness"]
      : disturbance?.late
        ? [
            `The load generator was ${disturbance.late}, the service ${starved}, and this decides here`,
            "this",
          ]
        : [`The service ${starved}, and this decides here`, "this"];
  return (
    `${what}: with all that was bad it would be ${seen}, without what ${that} may have caused ${without}.` +
    `${who === null ? "" : ` ${who}`}`
  );
}

/**
 * Why a failure stands although the machine disturbed it.
 * @param explained how many bad requests the machine may have caused. null: the SLO does not count requests.
 */
export function isNoExcuse({ late, starved }: Disturbance, explained: number | null): string {
  const was = [
    ...(late === null ? [] : [`The load generator was ${late}`]),
    ...(starved === null ? [] : [`${late === null ? "The" : "the"} service ${starved}`]),
  ];
  const how =
    explained === null
      ? "does not explain it"
      : explained === 0
        ? "explains none of them"
        : `explains at most ${formatCount(explained)} of them`;
  return `${was.join(", and ")}, which ${how}.`;
}

/** Why a verdict is a pass although some requests came later than the limit, counted from when they were due. */
export function judgedFromDispatch(view: PhaseView): string {
  const lateUs = view.greatestLagUs() ?? 0;
  return `Judged from dispatch: the load generator was up to ${formatMs(lateUs / 1000)} late.`;
}
