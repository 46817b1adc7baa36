import { backAtSlos, baselineHealthy, judgeTrial, type RecoveryState } from "../analysis/gates.js";
import { latencyLimits, resolveAgainstBaseline } from "../analysis/targets.js";
import type { LatencyLimit } from "../load/session.js";
import type { InjectionProof, PhaseRecord } from "../measure/record.js";
import { describeInjections } from "../plan/describe-injection.js";
import type { FaultStage, Injection } from "../plan/injection.js";
import type { FaultSearchPlan, RunPlan } from "../plan/run-plan.js";
import type { PlannedFault, PlannedPhase } from "../plan/timeline.js";
import type { FaultPlane } from "../proxy/fault-plane.js";
import type { Slo } from "../scenario/slo.js";
import { monotonicMs, sleep } from "../support/clock.js";
import { messageOf } from "../support/errors.js";
import type { RunObserver } from "./observer.js";
import type { Recorder } from "./recorder.js";
import { bisect, breakingPoint, type Trial } from "./search.js";
import type { Segments } from "./segments.js";
import type { StopSwitch } from "./stop.js";

/** A phase's end is announced to the load this much ahead, so that it has whole seconds only. */
const LEAD_MS = 60;
/** How often a recovery that takes longer than planned is looked at. */
const RECOVERY_LOOK_MS = 1_000;

export interface ConductorParts {
  readonly plan: RunPlan;
  readonly segments: Segments;
  readonly faults: FaultPlane;
  readonly recorder: Recorder;
  readonly stop: StopSwitch;
  readonly observer: RunObserver;
}

interface RecoveryWait {
  readonly plannedMs?: number;
  readonly patienceMs: number;
}

/** Walks the timeline: warm-up, baseline, then each fault and its recovery. */
export class Conductor {
  readonly #parts: ConductorParts;
  #limits: readonly LatencyLimit[];
  #baseline: PhaseRecord | null = null;
  /** Relative targets worked out once the baseline is known. */
  #slos: readonly Slo[];
  /** When the open phase ends; a settle stretch that follows has no end of its own. */
  #phaseEndMs = 0;

  constructor(parts: ConductorParts) {
    this.#parts = parts;
    this.#slos = parts.plan.slos;
    this.#limits = latencyLimits(allSlos(parts.plan));
  }

  /** Rejects with the stop switch's reason when the run is stopped; what was measured until then is recorded. */
  async run(): Promise<void> {
    const { plan, segments, faults, recorder, stop } = this.#parts;
    const warmup = plan.timeline.phases.find((phase) => phase.kind === "warmup");
    const baseline = plan.timeline.phases.find((phase) => phase.kind === "baseline");
    if (warmup) await this.#phase(warmup);
    if (baseline) {
      await faults.markBaseline();
      await this.#phase(baseline);
      const measured = await this.#settle();
      const health = baselineHealthy(measured, plan.slos, {
        ...this.#judging,
        plannedPhases: plan.timeline.phases,
      });
      if (!health.healthy) {
        recorder.event("warning", `baseline is not healthy: ${health.reason}`);
        this.#skip(faultPhasesOf(plan), `the baseline did not hold: ${health.reason}`);
        await stop.unlessStopped(segments.end(this.#phaseEndMs));
        return;
      }
      this.#baseline = measured;
      this.#slos = resolveAgainstBaseline(plan.slos, measured);
      this.#limits = latencyLimits(resolveAgainstBaseline(allSlos(plan), measured));
    }
    await this.#runFaults();
    await stop.unlessStopped(segments.end(this.#phaseEndMs));
  }

  async #runFaults(): Promise<void> {
    const { plan } = this.#parts;
    const { phases } = plan.timeline;
    const faultPhases = faultPhasesOf(plan);
    for (const [index, phase] of faultPhases.entries()) {
      const later = faultPhases.slice(index + 1);
      const search = plan.searches.find(({ fault }) => fault === phase.fault);
      if (search) await this.#runSearch(search, phase);
      else await this.#runFault(this.#plannedFault(phase), phase);
      const recovery = phases.find(({ kind, fault }) => kind === "recovery" && fault === phase.fault);
      if (!recovery) continue;
      await this.#phase(recovery);
      if (later.length === 0) return;
      const state = await this.#awaitRecovery(phase.fault ?? "", { patienceMs: plan.maxRecoveryWaitMs });
      await this.#settle();
      if (!state.back) {
        this.#skip(later, `the system was not back at its SLOs after "${phase.fault}": ${state.reason}`);
        return;
      }
    }
  }

  #plannedFault(phase: PlannedPhase): PlannedFault {
    const fault = this.#parts.plan.timeline.faults.find(({ name }) => name === phase.fault);
    if (!fault) throw new Error(`the timeline has no fault "${phase.fault}"`);
    return fault;
  }

  /** Bisection for the breaking point; each trial is a fault phase with a recovery of its own. */
  async #runSearch(search: FaultSearchPlan, planned: PlannedPhase): Promise<void> {
    const { faults, recorder, plan } = this.#parts;
    const { maxRecoveryWaitMs } = plan;
    const { fault: name, proxy, toxicType, stream, toxicity, attribute, trialMs, recoveryMs } = search;
    const injectionOf = (value: number): Injection[] => [
      {
        proxy,
        kind: "toxic",
        toxic: { type: toxicType, stream, toxicity, attributes: { [attribute]: value } },
      },
    ];
    const [until = search.until] = resolveAgainstBaseline([search.until], this.#baseline);
    const proofs: InjectionProof[] = [];
    const injectedAtS = recorder.now();
    const trials: Trial[] = [];
    let removedAtS: number | null = null;
    let brokenSince: string | null = null;
    let endedEarly: string | null = null;
    const attempt = async (value: number): Promise<Trial["verdict"] | null> => {
      if (brokenSince !== null) {
        endedEarly = brokenSince;
        recorder.event("warning", `${name}: the search ends here: ${endedEarly}`);
        return null;
      }
      const number = trials.length + 1;
      const id = `${planned.id}-trial-${number}`;
      await faults.inject(injectionOf(value));
      removedAtS = null;
      recorder.event("inject", `${name}: trial ${number}, ${describeInjections(injectionOf(value))}`);
      await this.#phase({ ...planned, id, durationMs: trialMs });
      const measured = await this.#settle();
      const proof = await this.#prove();
      proofs.push(proof);
      await faults.clear();
      removedAtS = recorder.now();
      recorder.event("remove", `${name}: trial ${number}`);
      const judged = judgeTrial(measured, until, this.#baseline, {
        ...this.#judging,
        verdicts: search.maxTrials,
      });
      const verdict = proof.proven ? judged.verdict : "invalid";
      trials.push({ value, phase: id, verdict });
      await this.#phase({
        ...planned,
        id: `${planned.id}-recovery-${number}`,
        kind: "recovery",
        durationMs: 0,
      });
      const state = await this.#awaitRecovery(name, { plannedMs: recoveryMs, patienceMs: maxRecoveryWaitMs });
      await this.#settle();
      // What a milder trial would show then are the after-effects of this one.
      if (state.stillBroken)
        brokenSince = `the system was not back at its SLOs after trial ${number}: ${state.reason}`;
      return verdict;
    };
    try {
      await bisect(search, attempt);
    } finally {
      // Also of a search that is stopped half-way: what was injected is in the record.
      const result = breakingPoint(search, trials, endedEarly);
      recorder.faults.push({
        name,
        // One that was in place: the greatest that the system withstood, else the mildest that broke it.
        injections: injectionOf(result.holdsUpTo ?? result.breaksAt ?? trials[0]?.value ?? search.to),
        injectedAtS,
        removedAtS,
        notRun: null,
        proof: weakest(proofs),
        search: result,
      });
    }
  }

  async #runFault(fault: PlannedFault, phase: PlannedPhase): Promise<void> {
    const { faults, recorder } = this.#parts;
    await faults.inject(fault.injections);
    const injectedAtS = recorder.now();
    recorder.event("inject", `${fault.name}: ${describeInjections(fault.injections)}`);
    let proof: InjectionProof | null = null;
    let removedAtS: number | null = null;
    try {
      await this.#phase(phase, fault.stages);
      await this.#settle();
      proof = await this.#prove();
      await faults.clear();
      removedAtS = recorder.now();
      recorder.event("remove", fault.name);
    } finally {
      const { name, injections } = fault;
      recorder.faults.push({ name, injections, injectedAtS, removedAtS, notRun: null, proof, search: null });
    }
  }

  /** A stopped run does not wait for the last answers: they may take as long as the load's timeout. */
  async #settle(): Promise<PhaseRecord> {
    const { segments, stop } = this.#parts;
    const measured = await stop.unlessStopped(segments.settle(this.#phaseEndMs));
    this.#phaseEndMs = 0;
    return measured;
  }

  async #prove(): Promise<InjectionProof> {
    try {
      return await this.#parts.faults.prove();
    } catch (error) {
      return { strength: "none", proven: false, explanation: messageOf(error), proxies: [] };
    }
  }

  /** Begins a phase and lets it run for its planned time. */
  async #phase(planned: PlannedPhase, stages: readonly FaultStage[] = []): Promise<void> {
    const { segments, stop, observer, faults, recorder } = this.#parts;
    const { id, kind, fault, durationMs } = planned;
    const startMs = await segments.begin({ id, kind, fault, limits: this.#limits }, this.#phaseEndMs);
    this.#phaseEndMs = startMs + durationMs;
    observer.phaseStarted?.({ id, kind, fault, plannedMs: durationMs });
    const until = (offsetMs: number) => sleep(Math.max(0, startMs + offsetMs - monotonicMs()), stop.signal);
    for (const stage of stages) {
      await until(stage.atMs);
      await faults.inject(stage.injections);
      recorder.event("inject", `${fault}: ${describeInjections(stage.injections)}`);
    }
    await until(durationMs - LEAD_MS);
  }

  /**
   * Resolves as soon as the system is back at its SLOs, else with how it is when the time is over.
   *
   * @param plannedMs after so long a system that is only not yet known to be back is let go; one that still breaks
   *   its SLOs is waited for. Without it both are.
   * @param patienceMs how much longer than that it is waited for at most.
   */
  async #awaitRecovery(fault: string, wait: RecoveryWait): Promise<RecoveryState> {
    const { segments, stop, recorder, observer } = this.#parts;
    const plannedUntilMs = monotonicMs() + (wait.plannedMs ?? 0);
    const deadlineMs = plannedUntilMs + wait.patienceMs;
    let waiting = false;
    for (;;) {
      const state = this.#back(await segments.snapshot(), fault);
      const nowMs = monotonicMs();
      if (state.back || nowMs >= deadlineMs) return state;
      if (wait.plannedMs !== undefined && nowMs >= plannedUntilMs && !state.stillBroken) return state;
      if (!waiting) recorder.event("wait", `${fault}: waiting ${state.waiting}`);
      waiting = true;
      observer.status?.(`waiting for the recovery from ${fault}`);
      this.#phaseEndMs += RECOVERY_LOOK_MS;
      await sleep(Math.max(0, this.#phaseEndMs - LEAD_MS - monotonicMs()), stop.signal);
    }
  }

  #back(recovery: PhaseRecord, fault: string): RecoveryState {
    const baseline = this.#baseline;
    if (!baseline) {
      return { back: true, stillBroken: false, reason: "there is no baseline to come back to", waiting: "" };
    }
    return backAtSlos({ baseline, recovery, fault, slos: this.#slos }, this.#judging);
  }

  get #judging() {
    const { evidence, load } = this.#parts.plan;
    return { evidence, model: load.model.kind, timeoutMs: load.timeoutMs };
  }

  /** Notes that the faults of these phases were not run. */
  #skip(phases: readonly PlannedPhase[], reason: string): void {
    for (const { fault } of phases) {
      if (fault === null) continue;
      this.#parts.recorder.faults.push({
        name: fault,
        injections: this.#parts.plan.timeline.faults.find(({ name }) => name === fault)?.injections ?? [],
        injectedAtS: null,
        removedAtS: null,
        notRun: reason,
        proof: null,
        search: null,
      });
    }
  }
}

function allSlos({ slos, searches }: RunPlan): Slo[] {
  return [...slos, ...searches.map(({ until }) => until)];
}

function faultPhasesOf({ timeline }: RunPlan): PlannedPhase[] {
  return timeline.phases.filter(({ kind }) => kind === "fault");
}

/** That of the trial that could be shown least. */
function weakest(proofs: readonly InjectionProof[]): InjectionProof | null {
  return (
    proofs.find(({ proven }) => !proven) ??
    proofs.find(({ strength }) => strength !== "observed") ??
    proofs.at(-1) ??
    null
  );
}
