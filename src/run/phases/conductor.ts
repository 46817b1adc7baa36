import { baselineHealthy, whyOnceMore } from "../../analysis/gates.js";
import { settledPart } from "../../analysis/measurement/settled-part.js";
import { describeActions } from "../../faults/describe.js";
import type { InjectionProof } from "../../faults/proof.js";
import type { FaultRecord, PhaseRecord } from "../../measure/record.js";
import type { RunPlan } from "../../plan/run-plan.js";
import type { PlannedFault, PlannedPhase } from "../../plan/timeline.js";
import { PhaseRunner, type RunParts } from "./phase-runner.js";
import { SearchTrials } from "./search-trials.js";

interface MeasuredFault {
  readonly fault: FaultRecord;
  readonly during: PhaseRecord;
}

/** Walks the timeline: warm-up, baseline, then each fault and its recovery. */
export class Conductor {
  readonly #parts: RunParts;
  readonly #phases: PhaseRunner;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#phases = new PhaseRunner(parts);
  }

  /** Rejects with the stop switch's reason when the run is stopped; what was measured until then is recorded. */
  async run(): Promise<void> {
    const { phases } = this.#parts.plan.timeline;
    const warmup = phases.find(({ kind }) => kind === "warmup");
    const baseline = phases.find(({ kind }) => kind === "baseline");
    try {
      if (warmup) await this.#phases.run(warmup);
      if (!baseline || (await this.#holdsBaseline(baseline))) await this.#runFaults();
      await this.#phases.end();
    } finally {
      await this.#phases.noteUpstreams();
    }
  }

  /** Resolves with false when the SLOs are broken already: then no fault is run. */
  async #holdsBaseline(planned: PlannedPhase): Promise<boolean> {
    const { plan, faults, recorder } = this.#parts;
    const measure = async () => {
      await faults.markBaseline();
      await this.#phases.run(planned);
      const measured = await this.#phases.settle();
      const options = { ...this.#phases.judging, plannedPhases: plan.timeline.phases };
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
      return true;
    }
    const later = faultPhasesOf(plan);
    if (later.length > 0) recorder.event("warning", `baseline is not healthy: ${health.reason}`);
    this.#skip(later, "no healthy baseline", health.reason);
    return false;
  }

  async #runFaults(): Promise<void> {
    const { plan } = this.#parts;
    const faultPhases = faultPhasesOf(plan);
    for (const [index, phase] of faultPhases.entries()) {
      const later = faultPhases.slice(index + 1);
      const search = plan.searches.find(({ fault }) => fault === phase.fault);
      if (search) {
        // Its trials have recoveries of their own.
        const broken = await new SearchTrials(search, phase, this.#parts, this.#phases).run();
        if (broken === null) continue;
        this.#skip(later, search.fault, broken);
        return;
      }
      const notBack = await this.#runFaultAndRecovery(phase, later.length === 0);
      if (notBack === null) continue;
      this.#skip(later, `the system was not back at its SLOs after "${phase.fault}"`, notBack);
      return;
    }
  }

  /**
   * A fault that stays undecided because the load generator was late is measured once more.
   * @returns why the next fault cannot begin; null when it can.
   */
  async #runFaultAndRecovery(phase: PlannedPhase, isLast: boolean): Promise<string | null> {
    const { plan, mayRetry, recorder } = this.#parts;
    const { timeline } = plan;
    const recovery = timeline.phases.find(({ kind, fault }) => kind === "recovery" && fault === phase.fault);
    for (let isFirst = true; ; isFirst = false) {
      const measured = await this.#runFault(this.#plannedFault(phase), phase);
      const mayRepeat = isFirst && mayRetry;
      let why: string | null;
      const set: PhaseRecord[] = [measured.during];
      if (!recovery) {
        why = mayRepeat ? this.#whyOnceMore(measured, null) : null;
      } else {
        await this.#phases.run(recovery);
        if (isLast && !(mayRepeat && this.#whyOnceMore(measured, await this.#phases.soFar()) !== null)) {
          return null;
        }
        const patienceMs = plan.maxRecoveryWaitMs;
        const state = await this.#phases.awaitRecovery(phase.fault ?? "", { patienceMs });
        const after = await this.#phases.settle();
        set.push(after);
        if (!state.back) return state.reason;
        why = mayRepeat ? this.#whyOnceMore(measured, after) : null;
      }
      if (why === null) return null;
      recorder.event("warning", `${phase.fault} is measured again: ${why}`);
      for (const record of set) recorder.setAside(record);
      recorder.faults.splice(recorder.faults.indexOf(measured.fault), 1);
    }
  }

  #whyOnceMore({ fault, during }: MeasuredFault, recovery: PhaseRecord | null): string | null {
    const { plan } = this.#parts;
    const { slos, baseline, judging } = this.#phases;
    const measured = {
      name: fault.name,
      slos,
      injectionDelayS: Math.max(0, during.startS - (fault.injectedAtS ?? during.startS)),
      removedAtS: fault.removedAtS,
      baseline,
      during,
      recovery: recovery && settledPart(recovery),
    };
    // What was not shown to have touched anything is invalid whatever the load generator did.
    if (!fault.proof?.proven) return null;
    return whyOnceMore(measured, { ...judging, plannedPhases: plan.timeline.phases });
  }

  #plannedFault(phase: PlannedPhase): PlannedFault {
    const fault = this.#parts.plan.timeline.faults.find(({ name }) => name === phase.fault);
    if (!fault) throw new Error(`the timeline has no fault "${phase.fault}"`);
    return fault;
  }

  async #runFault(fault: PlannedFault, phase: PlannedPhase): Promise<MeasuredFault> {
    const { faults, recorder } = this.#parts;
    await faults.inject(fault.actions);
    const injectedAtS = recorder.now();
    recorder.event("inject", `${fault.name}: ${describeActions(fault.actions)}`);
    let proof: InjectionProof | null = null;
    let removedAtS: number | null = null;
    let during: PhaseRecord;
    let record: FaultRecord;
    try {
      await this.#phases.run(phase, { stages: fault.stages });
      during = await this.#phases.settle();
      proof = await this.#phases.prove();
      await faults.clear();
      removedAtS = recorder.now();
      recorder.event("remove", fault.name);
    } finally {
      const { name, actions, stages } = fault;
      record = { name, actions, stages, injectedAtS, removedAtS, notRun: null, proof, search: null };
      recorder.faults.push(record);
    }
    return { fault: record, during };
  }

  /** Notes that the faults of these phases were not run. */
  #skip(phases: readonly PlannedPhase[], brief: string, details: string): void {
    for (const { fault } of phases) {
      if (fault === null) continue;
      const planned = this.#parts.plan.timeline.faults.find(({ name }) => name === fault);
      this.#parts.recorder.faults.push({
        name: fault,
        actions: planned?.actions ?? [],
        stages: planned?.stages ?? [],
        injectedAtS: null,
        removedAtS: null,
        notRun: `${brief}: ${details}`,
        notRunBrief: brief,
        proof: null,
        search: null,
      });
    }
  }
}

function faultPhasesOf({ timeline }: RunPlan): PlannedPhase[] {
  return timeline.phases.filter(({ kind }) => kind === "fault");
}
