import { baselineHealthy, whyOnceMore } from "../../analysis/interim-judging.js";
import { settledPart } from "../../analysis/measurement/settled-part.js";
import { describeActions } from "../../faults/describe.js";
import type { InjectionProof } from "../../faults/proof.js";
import type { AroundChange } from "../../measure/around-change.js";
import type { FirstTry } from "../../measure/fault-record.js";
import type { FaultRecord, PhaseRecord } from "../../measure/record.js";
import { labelOf, laterRound, scenarioName } from "../../plan/fault-round.js";
import type { BaselineStep, FaultStep, SearchStep, Step } from "../../plan/steps.js";
import { timelineOf } from "../../plan/timeline.js";
import { sum } from "../../slo/observations.js";
import { PhaseRunner, type RunParts } from "./phase-runner.js";
import { SearchTrials } from "./search-trials.js";

interface MeasuredFault {
  readonly fault: FaultRecord;
  readonly during: PhaseRecord;
  /** It cannot be taken out, so that a second time would show nothing. */
  readonly staysDone: boolean;
}

/** Why the steps that follow are not carried out. */
interface Obstacle extends Pick<FaultRecord, "obstacle"> {
  readonly brief: string;
  readonly details: string;
}

/** Carries out the steps of a plan, until one of them shows that the later ones would tell nothing. */
export class Conductor {
  readonly #parts: RunParts;
  readonly #phases: PhaseRunner;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#phases = new PhaseRunner(parts);
  }

  /** Rejects with the stop switch's reason when the run is stopped. What was measured until then is recorded. */
  async run(): Promise<void> {
    const { steps } = this.#parts.plan;
    try {
      for (const [index, step] of steps.entries()) {
        const later = steps.slice(index + 1);
        const obstacle = await this.#carryOut(step, later);
        if (obstacle === null) continue;
        this.#skip(later, obstacle);
        break;
      }
      await this.#phases.end();
    } finally {
      await this.#phases.finish();
    }
  }

  #carryOut(step: Step, later: readonly Step[]): Promise<Obstacle | null> {
    switch (step.kind) {
      case "warmup":
        return this.#phases.run({ kind: "warmup", during: step.during }).then(() => null);
      case "baseline":
        return this.#measureBaseline(step, later);
      case "fault":
        return this.#runFaultAndRecovery(step, later.length === 0);
      case "search":
        return this.#search(step);
    }
  }

  /** When SLOs are broken already, faults would show nothing. */
  async #measureBaseline({ during }: BaselineStep, later: readonly Step[]): Promise<Obstacle | null> {
    const { plan, faults, recorder } = this.#parts;
    const measure = async () => {
      await faults.markBaseline();
      await this.#phases.run({ kind: "baseline", during });
      const measured = await this.#phases.settle();
      const options = { ...this.#phases.judging, plannedPhases: timelineOf(plan.steps) };
      return { measured, health: baselineHealthy(measured, plan.slos, options) };
    };
    let { measured, health } = await measure();
    if (health.isDisturbed && this.#parts.mayRetry) {
      recorder.event("warning", `the baseline is measured again: ${health.reason}`);
      recorder.setAside(measured);
      ({ measured, health } = await measure());
    }
    if (health.healthy) {
      this.#phases.baseline = measured;
      return null;
    }
    if (later.length > 0) recorder.event("warning", `baseline is not healthy: ${health.reason}`);
    const obstacle = { id: "no_healthy_baseline", fault: null } as const;
    return { brief: "no healthy baseline", details: health.reason, obstacle };
  }

  /** Its trials have recoveries of their own. */
  async #search(step: SearchStep): Promise<Obstacle | null> {
    const broken = await new SearchTrials(step, this.#parts, this.#phases).run();
    if (broken === null) return null;
    const fault = labelOf(step.fault);
    return { brief: fault, details: broken, obstacle: { id: "not_back", fault } };
  }

  /** A fault that stays undecided because the load generator was late is measured once more. */
  async #runFaultAndRecovery(step: FaultStep, isLast: boolean): Promise<Obstacle | null> {
    const { plan, mayRetry, recorder } = this.#parts;
    const { fault, recovery } = step;
    let firstTry: FirstTry | undefined;
    for (let isFirst = true; ; isFirst = false) {
      const measured = await this.#runFault(step, firstTry);
      const mayRepeat = isFirst && mayRetry && !measured.staysDone;
      let why: string | null;
      const set: PhaseRecord[] = [measured.during];
      if (!recovery) {
        why = mayRepeat ? this.#whyOnceMore(measured, null) : null;
      } else {
        await this.#phases.run({ kind: "recovery", during: recovery, fault });
        if (isLast && !(mayRepeat && this.#whyOnceMore(measured, await this.#phases.soFar()) !== null)) {
          return null;
        }
        const state = await this.#phases.awaitRecovery(fault, {
          patienceMs: plan.maxRecoveryWaitMs,
          earlierS: overBeforeRemovalS(measured.fault),
        });
        const after = await this.#phases.settle();
        set.push(after);
        if (!state.back) {
          const name = labelOf(fault);
          const brief = `the system was not back at its SLOs after "${name}"`;
          return { brief, details: state.reason, obstacle: { id: "not_back", fault: name } };
        }
        why = mayRepeat ? this.#whyOnceMore(measured, after) : null;
      }
      if (why === null) return null;
      recorder.event("warning", `${labelOf(fault)} is measured again: ${why}`);
      firstTry = firstTryOf(measured.during, set[1] ?? null);
      for (const record of set) recorder.setAside(record);
      recorder.faults.splice(recorder.faults.indexOf(measured.fault), 1);
    }
  }

  #whyOnceMore({ fault, during }: MeasuredFault, recovery: PhaseRecord | null): string | null {
    const { plan } = this.#parts;
    const { slos, baseline, judging } = this.#phases;
    const measured = {
      fault: scenarioName(fault.name, fault.round),
      slos,
      injectionDelayS: Math.max(0, during.startS - (fault.injectedAtS ?? during.startS)),
      removedAtS: fault.removedAtS,
      letBackAtS: fault.letBackAtS ?? null,
      baseline,
      during,
      recovery: recovery && settledPart(recovery),
      around: fault.around,
    };
    // A fault that was not shown to touch anything is invalid, whatever the load generator did.
    if (!fault.proof?.proven) return null;
    return whyOnceMore(measured, { ...judging, plannedPhases: timelineOf(plan.steps) });
  }

  async #runFault(
    { fault, actions, stages, during: stretch, recovery }: FaultStep,
    firstTry: FirstTry | undefined,
  ): Promise<MeasuredFault> {
    const { faults, recorder } = this.#parts;
    const name = labelOf(fault);
    // Its last part comes in when the record of the fault is written already.
    const around: { injection?: AroundChange; removal?: AroundChange } = {};
    await this.#phases.change((told) => {
      around.injection = told;
    });
    await faults.inject(actions);
    const injectedAtS = recorder.now();
    recorder.event("inject", `${name}: ${describeActions(actions)}`);
    let proof: InjectionProof | null = null;
    let removedAtS: number | null = null;
    let letBackAtMs: number | null = null;
    let staysDone = false;
    let during: PhaseRecord;
    let record: FaultRecord;
    try {
      await this.#phases.run({ kind: "fault", during: stretch, fault, stages });
      during = await this.#phases.settle((told) => {
        around.removal = told;
      });
      proof = await this.#phases.prove();
      letBackAtMs = faults.overSinceMs?.() ?? null;
      // Any of its stages may have done it.
      staysDone = faults.staysDone === true;
      const handedOver = recovery && this.#phases.crossesFor(recovery.id);
      await faults.clear();
      await handedOver;
      removedAtS = recorder.now();
      recorder.event("remove", name);
    } finally {
      record = {
        name,
        ...laterRound(fault),
        actions,
        stages,
        ...(firstTry ? { firstTry } : {}),
        injectedAtS,
        removedAtS,
        ...(letBackAtMs === null ? {} : { letBackAtS: recorder.secondsAt(letBackAtMs) }),
        around,
        notRun: null,
        proof,
        search: null,
      };
      recorder.faults.push(record);
    }
    return { fault: record, during, staysDone };
  }

  /** Notes that the faults of these steps were not run. */
  #skip(steps: readonly Step[], { brief, details, obstacle }: Obstacle): void {
    for (const step of steps) {
      if (step.kind !== "fault" && step.kind !== "search") continue;
      this.#parts.recorder.faults.push({
        name: labelOf(step.fault),
        ...laterRound(step.fault),
        actions: step.kind === "fault" ? step.actions : [],
        stages: step.kind === "fault" ? step.stages : [],
        injectedAtS: null,
        removedAtS: null,
        notRun: `${brief}: ${details}`,
        notRunBrief: brief,
        obstacle,
        proof: null,
        search: null,
      });
    }
  }
}

function firstTryOf(during: PhaseRecord, recovery: PhaseRecord | null): FirstTry {
  const requests = ({ all, durationS }: PhaseRecord) => {
    const scheduled = sum(all.scheduled);
    return { scheduled, failed: scheduled - sum(all.outcomes.ok), durationS };
  };
  return { fault: requests(during), recovery: recovery && requests(recovery) };
}

/** How long the fault was over by itself before it was taken out. */
function overBeforeRemovalS({ letBackAtS, removedAtS }: FaultRecord): number {
  return letBackAtS === undefined || removedAtS === null ? 0 : removedAtS - letBackAtS;
}
