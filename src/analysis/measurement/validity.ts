/** Whether the planned load was offered to the system in a phase. Without it nothing can be said of the phase. */

import type { PhaseRecord } from "../../measure/record.js";
import type { Profile } from "../../plan/load-plan.js";
import { dueBetween } from "../../plan/profile.js";
import { because, type Reasoned, reason } from "../reasons/reasons.js";
import { sum } from "../statistics/intervals.js";
import type { LateFacts } from "../wording/machine-words.js";
import { LEAST_SENT_SHARE } from "./lateness.js";
import { lostBySecond } from "./lost-share.js";
import { machineShares } from "./machine-share.js";
import type { PhaseObservations } from "./phase-view.js";

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
export interface Distrust extends Reasoned {
  /** What the load generator was. null: a part of the load is not known at all. */
  readonly lateness: LateFacts | null;
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
    return { ...because(reason("part_lost", { lost: phase.lost })), lateness: null };
  }
  const late = unsent(phase) ?? (load.model === "open" ? uneven(phase) : slowedDown(phase, load.profile));
  if (late === null) return withoutWorkers(phase, load);
  return { ...because(reason("not_offered", { late, machine: machineShares(phase) })), lateness: late };
}

function withoutWorkers(phase: PhaseRecord, { model }: PlannedLoad): Distrust | null {
  const { lostWorkers, all } = phase;
  if (lostWorkers === undefined || lostWorkers.length === 0) return null;
  const [lost, due] = [sum(lostBySecond(phase)), sum(all.scheduled)];
  if (model === "open" && lost <= (1 - LEAST_SENT_SHARE) * due) return null;
  const workers = lostWorkers.map(({ worker }) => worker);
  const requests = model === "open" ? { lost, due } : null;
  return { ...because(reason("workers_lost", { workers, requests })), lateness: null, isInPart: true };
}

function unsent(phase: PhaseRecord): LateFacts | null {
  const { all } = phase;
  const lost = sum(lostBySecond(phase));
  const due = sum(all.scheduled) - lost;
  const unsent = sum(all.unsentByGenerator) - lost;
  return unsent > (1 - LEAST_SENT_SHARE) * due ? { kind: "unsent", share: unsent / due } : null;
}

function uneven(phase: PhaseRecord): LateFacts | null {
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
  return { kind: "uneven", offS: off.length, ofS: judged.length };
}

function slowedDown({ all, startS, durationS }: PhaseRecord, profile: Profile | undefined): LateFacts | null {
  if (profile === undefined) return null;
  const usersS = dueBetween(profile, startS * 1000, (startS + durationS) * 1000);
  const ownS = all.histograms.lag.totalUs() / 1e6;
  if (usersS <= 0 || ownS <= MOST_OWN_SHARE * usersS) return null;
  return { kind: "slowed_down", share: Math.min(1, ownS / usersS) };
}
