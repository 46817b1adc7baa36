/** Whether the planned load was offered to the system in a phase. Without it nothing can be said of the phase. */

import type { PhaseRecord } from "../../measure/record.js";
import type { Profile } from "../../plan/load-plan.js";
import { dueBetween } from "../../plan/profile.js";
import { formatRatio } from "../../support/format.js";
import { sum } from "../statistics/intervals.js";
import { lostWorkersText } from "../wording/worker-sentences.js";
import { LEAST_SENT_SHARE } from "./lateness.js";
import { lostBySecond } from "./lost-share.js";
import { whoHadTheMachine } from "./machine-share.js";
import type { PhaseObservations } from "./phase-view.js";

const WHAT_HELPS = "A lower rate, more `workers:` or a less busy machine helps.";
/** A second's load was offered when the number of requests let go differs from the number due by at most this share. */
const MOST_OFF = 0.2;
/**
 * Requests of a second that may be off, whatever their share. At a few requests a second, one more or less is no other
 * load.
 */
const FEW_OFF = 2;
const LEAST_OFFERED_SECONDS = 0.9;
/** A single standstill empties one second and fills the next. */
const FORGIVEN_SECONDS = 2;
/** In the closed model a late generator asks less. At most this share of its users' time may be its own. */
const MOST_OWN_SHARE = 0.2;

/** Why a phase cannot be trusted. */
export interface Distrust {
  readonly reason: string;
  /** What the load generator was: "unable to send 3% of what was due". null: a part of the load is not known at all. */
  readonly lateness: string | null;
  /**
   * A known part of the load was not offered, as a worker was lost. What was offered is judged: what it broke is broken, and the
   * rest stays open.
   */
  readonly isInPart?: boolean;
}

/** As `distrust`. @returns null when somebody else counted: nobody knows that load's lateness. */
export function distrustOf({ ownLoad }: PhaseObservations, load: PlannedLoad): Distrust | null {
  return ownLoad === undefined ? null : distrust(ownLoad.record, load);
}

/** The part of the load that says what had to be offered. */
export interface PlannedLoad {
  readonly model: "open" | "closed";
  /** undefined: the number of users is not known. */
  readonly profile?: Profile | undefined;
}

/**
 * Why the phase is invalid. The load was offered when at least 99 % of what was due was sent, and when at least 90 % of
 * the seconds got about as much as was due. Lateness alone moves requests later and closer together: that is harder for
 * the system, never easier. In the closed model lateness asks for less, so there it has a limit of its own. The share of a
 * worker that was lost is told apart.
 * @returns null when the load was offered.
 */
export function distrust(phase: PhaseRecord, load: PlannedLoad): Distrust | null {
  if (phase.lost !== null) {
    return { reason: `A part of the run was lost, so nothing can be said: ${phase.lost}.`, lateness: null };
  }
  const what = unsent(phase) ?? (load.model === "open" ? uneven(phase) : slowedDown(phase, load.profile));
  if (what === null) return withoutWorkers(phase, load);
  const who = whoHadTheMachine(phase);
  const had = who === null ? "it had too little of the machine's time for this load." : who;
  return { reason: `The load generator was ${what}: ${had} ${WHAT_HELPS}`, lateness: what };
}

function withoutWorkers(phase: PhaseRecord, { model }: PlannedLoad): Distrust | null {
  const { lostWorkers, all } = phase;
  if (lostWorkers === undefined || lostWorkers.length === 0) return null;
  const [lost, due] = [sum(lostBySecond(phase)), sum(all.scheduled)];
  if (model === "open" && lost <= (1 - LEAST_SENT_SHARE) * due) return null;
  const share = model === "open" ? { lost, due } : null;
  const reason = lostWorkersText(
    lostWorkers.map(({ worker }) => worker),
    share,
  );
  return { reason, lateness: null, isInPart: true };
}

function unsent(phase: PhaseRecord): string | null {
  const { all } = phase;
  const lost = sum(lostBySecond(phase));
  const due = sum(all.scheduled) - lost;
  const unsent = sum(all.unsentByGenerator) - lost;
  return unsent > (1 - LEAST_SENT_SHARE) * due
    ? `unable to send ${formatRatio(unsent / due)} of what was due`
    : null;
}

function uneven(phase: PhaseRecord): string | null {
  const { offered } = phase.all;
  if (offered === undefined) return null;
  const lost = lostBySecond(phase);
  const scheduled = phase.all.scheduled.map((due, second) => due - lost[second]!);
  const judged = scheduled.flatMap((due, second) => (due > 0 ? [second] : []));
  const off = judged.filter(
    (second) =>
      Math.abs((offered[second] ?? 0) - scheduled[second]!) >
      Math.max(FEW_OFF, MOST_OFF * scheduled[second]!),
  );
  if (off.length <= Math.max(FORGIVEN_SECONDS, (1 - LEAST_OFFERED_SECONDS) * judged.length)) return null;
  return `so late that the load of ${off.length} of ${judged.length} s was another than planned`;
}

function slowedDown({ all, startS, durationS }: PhaseRecord, profile: Profile | undefined): string | null {
  if (profile === undefined) return null;
  const usersS = dueBetween(profile, startS * 1000, (startS + durationS) * 1000);
  const ownS = all.histograms.lag.totalUs() / 1e6;
  if (usersS <= 0 || ownS <= MOST_OWN_SHARE * usersS) return null;
  return `late for ${formatRatio(Math.min(1, ownS / usersS))} of the time of its connections, which asked so much less`;
}
