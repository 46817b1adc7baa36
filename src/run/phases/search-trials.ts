import { judgeTrial } from "../../analysis/interim-judging.js";
import { resolveAgainstBaseline } from "../../analysis/slo/targets.js";
import { describeActions } from "../../faults/describe.js";
import type { FaultAction } from "../../faults/fault-action.js";
import { searchAxis } from "../../faults/kinds/index.js";
import type { InjectionProof } from "../../faults/proof.js";
import type { PhaseRecord } from "../../measure/record.js";
import { labelOf } from "../../plan/fault-round.js";
import type { SearchStep } from "../../plan/steps.js";
import type { Slo } from "../../slo/slo.js";
import { bisect, breakingPoint, type Trial } from "./bisection.js";
import type { PhaseRunner, RunParts } from "./phase-runner.js";

interface Attempt {
  readonly trial: Trial;
  /** What the load generator did says nothing of the system. Another try may tell. */
  readonly isDisturbed: boolean;
}

/** Carries out a search for the breaking point. Each trial is a fault phase with a recovery of its own. */
export class SearchTrials {
  readonly #search: SearchStep;
  readonly #label: string;
  readonly #parts: RunParts;
  readonly #phases: PhaseRunner;
  readonly #trials: Trial[] = [];
  readonly #proofs: InjectionProof[] = [];
  #injectedAtS: number | null = null;
  #removedAtS: number | null = null;
  /** Why a milder trial would show only the after-effects of the last one. */
  #brokenSince: string | null = null;
  #endedEarly: string | null = null;

  constructor(search: SearchStep, parts: RunParts, phases: PhaseRunner) {
    this.#search = search;
    this.#label = labelOf(search.fault);
    this.#parts = parts;
    this.#phases = phases;
  }

  /**
   * Resolves with the reason why the system cannot be disturbed any more: the last trial has broken it, and it is not
   * back. Resolves with null when it can be. What a search found before it was stopped is recorded as well. A search
   * that never began leaves no record.
   */
  async run(): Promise<string | null> {
    try {
      await bisect(this.#search, (value) => this.#attempt(value));
    } finally {
      if (this.#injectedAtS !== null) this.#record(this.#injectedAtS);
    }
    return this.#brokenSince;
  }

  #record(injectedAtS: number): void {
    const result = breakingPoint(this.#search, this.#trials, this.#endedEarly);
    // A value that was in place: the greatest that the system withstood, else the mildest that broke it. When not even
    // the first trial has ended, it is the severe end.
    const value = result.holdsUpTo ?? result.breaksAt ?? this.#trials[0]?.value ?? this.#search.to;
    this.#parts.recorder.faults.push({
      name: this.#label,
      actions: this.#actionsOf(value),
      injectedAtS,
      removedAtS: this.#removedAtS,
      notRun: null,
      proof: weakest(this.#proofs),
      search: result,
    });
  }

  async #attempt(value: number): Promise<Trial["verdict"] | null> {
    if (this.#brokenSince !== null) {
      this.#endedEarly = this.#brokenSince;
      const text = `${this.#label}: the search ends here: ${this.#endedEarly}`;
      this.#parts.recorder.event("warning", text);
      return null;
    }
    const { trial, isDisturbed } = await this.#tryAndRecover(value);
    if (!isDisturbed || this.#brokenSince !== null || !this.#parts.mayRetry) return trial.verdict;
    const text = `${this.#label}: once more, as the load generator was late in trial ${this.#trials.length}`;
    this.#parts.recorder.event("warning", text);
    return (await this.#tryAndRecover(value)).trial.verdict;
  }

  async #tryAndRecover(value: number): Promise<Attempt> {
    const number = this.#trials.length + 1;
    const attempt = await this.#try(value, number);
    this.#trials.push(attempt.trial);
    await this.#recover(number);
    return attempt;
  }

  async #try(value: number, number: number): Promise<Attempt> {
    const { faults, recorder } = this.#parts;
    const { fault, during, trialMs } = this.#search;
    const actions = this.#actionsOf(value);
    const id = `${during.id}-trial-${number}`;
    await faults.inject(actions);
    this.#injectedAtS ??= recorder.now();
    this.#removedAtS = null;
    const trial = describeActions(actions);
    recorder.event("inject", `${this.#label}: trial ${number}, ${trial}`);
    await this.#phases.run({ kind: "fault", during: { id, durationMs: trialMs }, fault, trial });
    const measured = await this.#phases.settle();
    const proof = await this.#phases.prove();
    this.#proofs.push(proof);
    const handedOver = this.#phases.crossesFor(this.#recoveryId(number));
    await faults.clear();
    await handedOver;
    this.#removedAtS = recorder.now();
    recorder.event("remove", `${this.#label}: trial ${number}`);
    const judged = this.#judge(measured);
    // A limit that was not reached did no harm. Whatever else went wrong is not its doing.
    const isTrusted = proof.proven || (proof.isIdle === true && judged.verdict === "pass");
    return {
      trial: { value, phase: id, verdict: isTrusted ? judged.verdict : "invalid" },
      isDisturbed: judged.isDisturbed && (proof.proven || proof.isIdle === true),
    };
  }

  async #recover(number: number): Promise<void> {
    const { fault, recoveryMs } = this.#search;
    const id = this.#recoveryId(number);
    await this.#phases.run({ kind: "recovery", during: { id, durationMs: 0 }, fault });
    const state = await this.#phases.awaitRecovery(fault, {
      plannedMs: recoveryMs,
      patienceMs: this.#parts.plan.maxRecoveryWaitMs,
      beside: this.#heldBefore(),
    });
    await this.#phases.settle();
    if (state.stillBroken)
      this.#brokenSince = `the system was not back at its SLOs after trial ${number}: ${state.reason}`;
  }

  #recoveryId(trial: number): string {
    return `${this.#search.during.id}-recovery-${trial}`;
  }

  /**
   * The SLOs to search with, unless the system broke them before any trial. Otherwise the next trial would show what
   * this one left.
   */
  #heldBefore(): readonly Slo[] {
    const { baseline } = this.#phases;
    if (baseline === null || this.#judge(baseline).verdict === "fail") return [];
    // Not a fault's own allowance: that ends with the fault.
    return [{ ...this.#until(), fault: null }];
  }

  #judge(measured: PhaseRecord) {
    const { baseline, judging } = this.#phases;
    const options = { ...judging, verdicts: this.#search.maxTrials };
    return judgeTrial(measured, this.#until(), baseline, options);
  }

  #until(): Slo {
    const { until } = this.#search;
    return resolveAgainstBaseline([until], this.#phases.baseline)[0] ?? until;
  }

  #actionsOf(value: number): FaultAction[] {
    const { axis, at } = this.#search;
    return [searchAxis(axis).action(at, value)];
  }
}

/** The weakest proof of all trials. That mild values have no effect says nothing against the others. */
function weakest(all: readonly InjectionProof[]): InjectionProof | null {
  const proofs = all.some(({ proven }) => proven) ? all.filter(({ isIdle }) => !isIdle) : all;
  return (
    proofs.find(({ proven }) => !proven) ??
    proofs.find(({ strength }) => strength !== "observed") ??
    proofs.at(-1) ??
    null
  );
}
