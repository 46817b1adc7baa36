/** Sentences on what the load generator's own lateness had to do with a verdict. */

import type { PhaseRecord } from "../../measure/record.js";
import { formatMs } from "../../support/format.js";
import { whoHadTheMachine } from "../measurement/machine-share.js";
import type { PhaseView } from "../measurement/phase-view.js";

/** Why a verdict is not given that would change with what the lateness may have caused. */
export function latenessDecides(seen: string, withoutIt: string, phase: PhaseRecord): string {
  const who = whoHadTheMachine(phase);
  return (
    "The load generator's own lateness decides this one: with all that was bad it would be " +
    `${seen}, without what that lateness may have caused ${withoutIt}.${who === null ? "" : ` ${who}`}`
  );
}

/** Why a verdict is a pass although some requests came later than that, counted from when they were due. */
export function judgedFromDispatch(view: PhaseView): string {
  const lateUs = view.greatestLagUs() ?? 0;
  return `Judged from dispatch: the load generator was up to ${formatMs(lateUs / 1000)} late.`;
}
