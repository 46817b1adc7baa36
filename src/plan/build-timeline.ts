import type { FaultInput } from "../scenario/schema/fault.js";
import type { ScenarioData } from "../scenario/schema/scenario.js";
import { buildActions } from "./build-actions.js";
import type { LoadPlan } from "./load-plan.js";
import { dueBetween } from "./profile.js";
import type { FaultSearchPlan } from "./run-plan.js";
import type { PhaseKind, PlannedFault, PlannedPhase, Timeline } from "./timeline.js";

/** One run of a fault: rounds of `repeat:` are faults of their own. */
export interface FaultRound {
  readonly name: string;
  readonly fault: FaultInput;
}

/** The faults in the order in which they are run. Searches are not among them. */
export function faultRounds(data: ScenarioData): readonly FaultRound[] {
  const rounds: FaultRound[] = [];
  const times = new Map<string, number>();
  for (let round = 0; round < data.repeat; round += 1) {
    for (const fault of data.faults) {
      if (fault.find) continue;
      for (let again = 0; again < fault.repeat; again += 1) {
        const time = (times.get(fault.name) ?? 0) + 1;
        times.set(fault.name, time);
        rounds.push({ name: time === 1 ? fault.name : `${fault.name} (round ${time})`, fault });
      }
    }
  }
  return rounds;
}

/** warm-up → baseline → (fault → recovery) for each round → searches. */
export function buildTimeline(
  data: ScenarioData,
  rounds: readonly FaultRound[],
  searches: readonly FaultSearchPlan[],
  load: LoadPlan,
): Timeline {
  const phases: PlannedPhase[] = [];
  let startMs = 0;
  const add = (id: string, kind: PhaseKind, fault: string | null, durationMs: number) => {
    if (durationMs === 0) return;
    const expectedRequests = expectedBetween(load, startMs, startMs + durationMs);
    phases.push({ id, kind, fault, startMs, durationMs, expectedRequests });
    startMs += durationMs;
  };
  add("warmup", "warmup", null, data.phases.warmup.ms);
  add("baseline", "baseline", null, data.phases.baseline.ms);
  for (const [index, { name, fault }] of rounds.entries()) {
    add(`fault-${index + 1}`, "fault", name, (fault.duration ?? data.phases.fault).ms);
    add(`recovery-${index + 1}`, "recovery", name, (fault.recovery ?? data.phases.recovery).ms);
  }
  for (const [index, { fault, maxTrials, trialMs, recoveryMs }] of searches.entries()) {
    add(`search-${index + 1}`, "fault", fault, maxTrials * (trialMs + recoveryMs));
  }
  const faults = rounds.map(({ name, fault }): PlannedFault => ({ name, ...buildActions(fault) }));
  return { phases, faults, totalMs: startMs };
}

/** Requests, not journeys: a journey counts once for each of its steps. */
function expectedBetween({ model, mix }: LoadPlan, fromMs: number, toMs: number): number | null {
  if (model.kind === "closed") return null;
  return Math.round(dueBetween(model.profile, fromMs, toMs) * requestsPerArrival(mix));
}

/** How many requests come of one that is due by the load's rate: of a journey one for each step. */
export function requestsPerArrival(mix: LoadPlan["mix"]): number {
  if (mix.kind === "requests") return 1;
  const weights = mix.journeys.reduce((sum, { weight }) => sum + weight, 0);
  return mix.journeys.reduce((sum, { weight, steps }) => sum + (weight / weights) * steps.length, 0);
}
