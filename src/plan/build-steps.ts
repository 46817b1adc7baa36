import type { FaultInput } from "../scenario/schema/fault.js";
import type { ScenarioData } from "../scenario/schema/scenario.js";
import type { Slo } from "../slo/slo.js";
import { buildActions } from "./build-actions.js";
import { buildSearch } from "./build-search.js";
import type { FaultRound } from "./fault-round.js";
import { requestsPerArrival } from "./load-mix.js";
import type { LoadPlan } from "./load-plan.js";
import { dueBetween } from "./profile.js";
import type { Step, Stretch } from "./steps.js";

/** Warm-up, baseline, each round of each fault with its recovery, and then the searches. */
export function buildSteps(
  data: ScenarioData,
  load: LoadPlan,
  /** The SLO whose limit the fault's search looks for. */
  untilOf: (fault: FaultInput) => Slo,
): readonly Step[] {
  const { phases } = data;
  const stretches = new StretchesInTurn(load);
  const warmup = stretches.next("warmup", phases.warmup.ms);
  const baseline = stretches.next("baseline", phases.baseline.ms);
  const before: readonly (Step | null)[] = [
    warmup && { kind: "warmup", during: warmup },
    baseline && { kind: "baseline", during: baseline },
  ];
  const faults = faultRounds(data).map(({ fault, ...round }, index): Step | null => {
    const during = stretches.next(`fault-${index + 1}`, (fault.duration ?? phases.fault).ms);
    const recovery = stretches.next(`recovery-${index + 1}`, (fault.recovery ?? phases.recovery).ms);
    return during && { kind: "fault", fault: round, ...buildActions(fault), during, recovery };
  });
  const searching = data.faults.filter(({ find }) => find);
  const searches = searching.map((fault, index): Step | null => {
    const search = buildSearch(fault, phases, untilOf(fault));
    const { maxTrials, trialMs, recoveryMs } = search;
    const during = stretches.next(`search-${index + 1}`, maxTrials * (trialMs + recoveryMs));
    return during && { kind: "search", fault: { name: fault.name, round: 1 }, during, ...search };
  });
  return [...before, ...faults, ...searches].filter((step) => step !== null);
}

/** Puts each stretch after the one before. */
class StretchesInTurn {
  readonly #load: LoadPlan;
  #endMs = 0;

  constructor(load: LoadPlan) {
    this.#load = load;
  }

  /** @returns null when it takes no time. */
  next(id: string, durationMs: number): Stretch | null {
    if (durationMs === 0) return null;
    const startMs = this.#endMs;
    this.#endMs += durationMs;
    return { id, startMs, durationMs, expectedRequests: expectedBetween(this.#load, startMs, this.#endMs) };
  }
}

/** The faults in the order in which they are run. Searches are not among them. */
function faultRounds(data: ScenarioData): readonly (FaultRound & { readonly fault: FaultInput })[] {
  const injected = data.faults.filter(({ find }) => !find);
  const turns = Array.from({ length: data.repeat }, () =>
    injected.flatMap((fault) => Array.from({ length: fault.repeat }, () => fault)),
  );
  const rounds = new Map<string, number>();
  return turns.flat().map((fault) => {
    const round = (rounds.get(fault.name) ?? 0) + 1;
    rounds.set(fault.name, round);
    return { name: fault.name, round, fault };
  });
}

/** Requests, not journeys: a journey counts once for each of its steps. */
function expectedBetween({ model, mix }: LoadPlan, fromMs: number, toMs: number): number | null {
  if (model.kind === "closed") return null;
  return Math.round(dueBetween(model.profile, fromMs, toMs) * requestsPerArrival(mix));
}
