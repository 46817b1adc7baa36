import { backAtSlos, type RecoveryState } from "../../analysis/interim-judging.js";
import { latencyLimits, resolveAgainstBaseline } from "../../analysis/slo/targets.js";
import { describeActions } from "../../faults/describe.js";
import type { FaultStage } from "../../faults/fault-action.js";
import type { FaultInjector } from "../../faults/fault-driver.js";
import { type InjectionProof, noProof } from "../../faults/proof.js";
import type { LatencyLimit } from "../../measure/latency-limits.js";
import type { PhaseRecord } from "../../measure/record.js";
import { type FaultRound, labelOf } from "../../plan/fault-round.js";
import type { RunPlan } from "../../plan/run-plan.js";
import { type Stretch, searchedSlos } from "../../plan/steps.js";
import type { PhaseKind } from "../../plan/timeline.js";
import type { Slo } from "../../slo/slo.js";
import { monotonicMs, Patience, sleep, withDeadline } from "../../support/clock.js";
import { messageOf } from "../../support/errors.js";
import type { PhaseChecks } from "../checks/run-checks.js";
import type { RunPods } from "../cluster/run-pods.js";
import type { RunSignals } from "../signals/run-signals.js";
import type { LoadPhases, ToldOfChange } from "./load-phases.js";
import type { RunObserver } from "./observer.js";
import { PhaseTraffic } from "./phase-traffic.js";
import type { Recorder } from "./recorder.js";
import type { StopSwitch } from "./stop-switch.js";

/**
 * A phase's end is told to the load this much before the load has to announce it, so that the phase has only whole
 * seconds.
 */
const LEAD_MS = 40;
/** How often it looks at a recovery that takes longer than planned. */
const RECOVERY_LOOK_MS = 1_000;

/**
 * A fault waits for the judged requests that meet it, which takes up to their timeout. Everything else that is asked
 * while it is in place must be known this long after that. Then the fault comes out, even if somebody has not answered.
 */
const MOST_HELD_BEYOND_TIMEOUT_MS = 10_000;

/** What a run in progress works with. */
export interface RunParts {
  readonly plan: RunPlan;
  readonly phases: LoadPhases;
  readonly faults: FaultInjector;
  readonly recorder: Recorder;
  readonly stop: StopSwitch;
  readonly observer: RunObserver;
  /** What the load generator's lateness left undecided may be measured once more. */
  readonly mayRetry: boolean;
  /** null: the scenario has none. */
  readonly checks: PhaseChecks | null;
  /** null: the scenario has none. */
  readonly signals: Pick<RunSignals, "begin" | "end" | "settled"> | null;
  /** null: no pods are watched. */
  readonly pods?: Pick<RunPods, "look"> | null;
}

/** What one phase is. */
export interface PhaseToRun {
  readonly kind: PhaseKind;
  readonly during: Pick<Stretch, "id" | "durationMs">;
  /** The fault that the phase is under, or after. */
  readonly fault?: FaultRound;
  /** Injected during the phase. */
  readonly stages?: readonly FaultStage[];
  /** In a search: what this trial does. */
  readonly trial?: string;
}

interface RecoveryWait {
  readonly plannedMs?: number;
  readonly patienceMs: number;
  readonly beside?: readonly Slo[];
  readonly earlierS?: number;
}

/**
 * Carries out phases, one after another. Each method rejects with the stop switch's reason as soon as the run is
 * stopped. A change that is under way (a phase that begins, an injection) comes to its end first. What was measured
 * until then is recorded.
 */
export class PhaseRunner {
  readonly #parts: RunParts;
  #limits: readonly LatencyLimit[];
  #baseline: PhaseRecord | null = null;
  /** Relative targets are worked out once the baseline is known. */
  #slos: readonly Slo[];
  /** When the open phase ends. A settle stretch that follows has no end of its own. */
  #phaseEndMs = 0;
  /** When the proof of what is in place has to be known. */
  #proveByMs: number | null = null;
  /** The run goes on only when the signals of the open phase are read. */
  #awaitsSignals = false;
  readonly #traffic: PhaseTraffic;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#slos = parts.plan.slos;
    this.#limits = latencyLimits(allSlos(parts.plan));
    this.#traffic = new PhaseTraffic(parts.faults, parts.recorder);
  }

  get baseline(): PhaseRecord | null {
    return this.#baseline;
  }

  /** The baseline that later phases are compared with. */
  set baseline(measured: PhaseRecord) {
    const { plan } = this.#parts;
    this.#baseline = measured;
    this.#slos = resolveAgainstBaseline(plan.slos, measured);
    this.#limits = latencyLimits(resolveAgainstBaseline(allSlos(plan), measured));
  }

  /** With relative targets worked out, once the baseline is known. */
  get slos(): readonly Slo[] {
    return this.#slos;
  }

  /** The open phase, as far as it is known. */
  soFar(): Promise<PhaseRecord> {
    return this.#parts.stop.unlessStopped(this.#parts.phases.snapshot());
  }

  get #leadMs(): number {
    return LEAD_MS + this.#parts.phases.announceMs;
  }

  /** How verdicts in mid-run are made. */
  get judging() {
    const { evidence, load } = this.#parts.plan;
    return { evidence, model: load.model.kind, timeoutMs: load.timeoutMs };
  }

  /** Begins a phase and lets it run for its planned time. */
  async run({ kind, during, fault, stages = [], trial }: PhaseToRun): Promise<void> {
    const { phases, stop, observer, faults, recorder } = this.#parts;
    const { id, durationMs } = during;
    const label = fault ? labelOf(fault) : null;
    await this.#traffic.begins(id);
    const startMs = await phases.begin(
      { id, kind, fault: fault ?? null, limits: this.#limits },
      this.#phaseEndMs,
    );
    this.#phaseEndMs = startMs + durationMs;
    this.#parts.checks?.begin({ id, kind, fault: fault ?? null }, startMs);
    this.#parts.signals?.begin(id, startMs);
    // Something depends on these before the run goes on. All others are read while it does.
    this.#awaitsSignals = kind === "baseline" || trial !== undefined;
    this.#proveByMs = this.#phaseEndMs + this.#parts.plan.load.timeoutMs + MOST_HELD_BEYOND_TIMEOUT_MS;
    observer.phaseStarted?.({ id, kind, fault: label, trial: trial ?? null, plannedMs: durationMs });
    const until = (offsetMs: number) => sleep(Math.max(0, startMs + offsetMs - monotonicMs()), stop.signal);
    for (const stage of stages) {
      await until(stage.atMs);
      await faults.inject(stage.actions);
      recorder.event("inject", `${label}: ${describeActions(stage.actions)}`);
    }
    await until(durationMs - this.#leadMs);
  }

  /** What crosses the proxies from now on belongs to this phase, which is about to begin. */
  async crossesFor(phaseId: string): Promise<void> {
    await this.#traffic.crossesFor(phaseId);
  }

  /** Notes what is not noted yet. No phase follows. */
  async finish(): Promise<void> {
    await this.#traffic.finish();
  }

  /**
   * Ends the phase and waits for its last answers. That may take as long as the load's timeout, or as long as checks
   * take.
   * @param tell gets what became of the load until the next phase, or the next change of a fault.
   */
  async settle(tell: ToldOfChange | null = null): Promise<PhaseRecord> {
    const { phases, stop, recorder, checks, signals, pods } = this.#parts;
    const asked = checks?.end();
    const read = signals?.end(this.#phaseEndMs);
    const looked = pods?.look();
    const measured = await stop.unlessStopped(phases.settle(this.#phaseEndMs, tell));
    this.#phaseEndMs = 0;
    if (asked) await this.#awaitAnswers(asked);
    if (read && this.#awaitsSignals) await this.#awaitAnswers(read);
    if (looked) await this.#awaitAnswers(looked);
    await this.#traffic.note();
    return recorder.withCrossed(measured);
  }

  /** A fault is about to change. What ends from now on and was due before the next phase is around this change. */
  async change(tell: ToldOfChange): Promise<void> {
    await this.#parts.stop.unlessStopped(this.#parts.phases.change(tell));
  }

  /** Ends the phase, and the load with it. Then the checks have their turn. */
  async end(): Promise<void> {
    const { phases, stop, checks, signals, pods } = this.#parts;
    const asked = checks?.end();
    const read = signals?.end(this.#phaseEndMs);
    const looked = pods?.look();
    await stop.unlessStopped(phases.end(this.#phaseEndMs));
    if (looked) await stop.unlessStopped(looked);
    if (asked) await stop.unlessStopped(asked);
    if (read) await stop.unlessStopped(read);
    if (signals) await stop.unlessStopped(signals.settled());
    if (checks) await stop.unlessStopped(checks.afterLoad());
  }

  /** What checks and signals take is not taken from the time in which a fault is to be proven. */
  async #awaitAnswers(asked: Promise<void>): Promise<void> {
    const fromMs = monotonicMs();
    await this.#parts.stop.unlessStopped(asked);
    if (this.#proveByMs !== null) this.#proveByMs += monotonicMs() - fromMs;
  }

  /** Evidence for the fault that is in place. A server that cannot be asked gives none. */
  async prove(): Promise<InjectionProof> {
    const { faults, stop } = this.#parts;
    try {
      return await stop.unlessStopped(this.#inTime(faults.prove()));
    } catch (error) {
      stop.signal.throwIfAborted();
      return noProof(messageOf(error));
    }
  }

  #inTime<T>(work: Promise<T>): Promise<T> {
    if (this.#proveByMs === null) return work;
    const leftMs = Math.max(0, this.#proveByMs - monotonicMs());
    return withDeadline(
      work,
      leftMs,
      () => new Error("the server did not say in time what the fault had met"),
    );
  }

  /**
   * Resolves as soon as the system is back at its SLOs, else with its state when the time is over.
   * @param plannedMs after this time a system that breaks nothing, but is not yet known to be back, is no longer waited
   *   for. One that still breaks its SLOs is. Without it, both are waited for.
   * @param patienceMs the greatest further wait after that.
   * @param beside what the system has to be back at as well.
   * @param earlierS how long the fault was over when the recovery began.
   */
  async awaitRecovery(
    fault: FaultRound,
    { plannedMs, patienceMs, beside = [], earlierS = 0 }: RecoveryWait,
  ): Promise<RecoveryState> {
    const planned = new Patience(plannedMs ?? 0);
    const all = new Patience((plannedMs ?? 0) + patienceMs);
    try {
      return await this.#lookUntilBack(fault, { beside, earlierS }, (state) => {
        if (state.back || all.leftMs === 0) return true;
        return plannedMs !== undefined && planned.leftMs === 0 && !state.stillBroken;
      });
    } finally {
      planned.end();
      all.end();
    }
  }

  async #lookUntilBack(
    fault: FaultRound,
    asked: Required<Pick<RecoveryWait, "beside" | "earlierS">>,
    isEnough: (state: RecoveryState) => boolean,
  ): Promise<RecoveryState> {
    const { phases, stop, recorder, observer } = this.#parts;
    for (let waiting = false; ; waiting = true) {
      const state = this.#back(await stop.unlessStopped(phases.snapshot()), fault, asked);
      if (isEnough(state)) return state;
      if (!waiting) recorder.event("wait", `${labelOf(fault)}: waiting ${state.waiting}`);
      observer.status?.(`waiting for the recovery from ${labelOf(fault)}`);
      this.#phaseEndMs = nextEnd(this.#phaseEndMs, monotonicMs());
      await sleep(Math.max(0, this.#phaseEndMs - this.#leadMs - monotonicMs()), stop.signal);
    }
  }

  #back(
    recovery: PhaseRecord,
    fault: FaultRound,
    { beside, earlierS }: Required<Pick<RecoveryWait, "beside" | "earlierS">>,
  ): RecoveryState {
    const baseline = this.#baseline;
    if (!baseline) {
      return { back: true, stillBroken: false, reason: "there is no baseline to come back to", waiting: "" };
    }
    return backAtSlos(
      { baseline, recovery, fault: fault.name, slos: [...this.#slos, ...beside], earlierS },
      this.judging,
    );
  }
}

/**
 * When to look again at a recovery that goes on: a whole number of seconds later, so that its last second is whole.
 * Looks that were missed while this process was stopped are not made up for.
 */
function nextEnd(endMs: number, nowMs: number): number {
  return endMs + Math.max(1, Math.ceil((nowMs - endMs) / RECOVERY_LOOK_MS)) * RECOVERY_LOOK_MS;
}

function allSlos({ slos, steps }: RunPlan): Slo[] {
  return [...slos, ...searchedSlos(steps)];
}
