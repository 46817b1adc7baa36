import { driversFor } from "../faults/compose.js";
import { withShortSamples } from "../measure/answer-samples.js";
import { maskRecord } from "../measure/masking/mask-record.js";
import type { RunEnding, RunRecord } from "../measure/record.js";
import type { RunPlan } from "../plan/run-plan.js";
import { plannedActions } from "../plan/steps.js";
import { withDeadline } from "../support/clock.js";
import { FaultlineError, messageOf } from "../support/errors.js";
import { redact } from "../support/redact.js";
import type { UndoFailure } from "../support/teardown.js";
import { type HaltOrder, haltText, refuseWhileHalted } from "./listening/halt-order.js";
import { listen } from "./listening/listener.js";
import { type Note, noteText } from "./listening/note.js";
import { fileLimitWarning, refuseTooFewFiles, watchFileLimit } from "./machine/file-limit.js";
import { raisePriority } from "./machine/priority.js";
import { Conductor } from "./phases/conductor.js";
import { RunStopped } from "./phases/stop-switch.js";
import { RunControl, type RunControlOptions } from "./run-control.js";
import { runRecord } from "./run-record.js";
import type { ReportFolder } from "./safety/journal-format.js";
import { endingOf, isRollbackFailure, withLeftBehind } from "./safety/left-behind.js";
import { openSafetyNet, type SafetyNet } from "./safety/safety-net.js";
import { openStateFolder } from "./safety/state-folder.js";
import type { ServiceOutput } from "./services/services.js";
import type { WorkersChoice } from "./set-up/set-up-options.js";
import { type SetUp, setUp } from "./set-up.js";

/** A stopped run may take this long to write down what it has measured so far. */
const CUT_DEADLINE_MS = 500;

export interface ExperimentOptions extends Omit<RunControlOptions, "secrets"> {
  readonly plan: RunPlan;
  readonly toolVersion: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the report will be written. After a crash, half-written files there are cleaned up. */
  readonly reportFolder?: ReportFolder;
  /** false: nothing is measured a second time because the load generator was late. */
  readonly mayRetry?: boolean;
  /** null or not there: this process makes the load. */
  readonly workers?: WorkersChoice | null;
}

export interface ExperimentResult {
  readonly record: RunRecord;
  /** What the services have printed, without secrets. */
  readonly outputs: readonly ServiceOutput[];
  /** What could not be undone. Empty after a clean run. */
  readonly leftBehind: readonly UndoFailure[];
  /** Call it when the reports are written. Until then the watchdog would clean up after a crash. */
  readonly release: () => Promise<void>;
}

/**
 * Runs one experiment and undoes everything that it did, on every way out.
 * @throws FaultlineError when the run could not begin: then there is nothing to judge.
 */
export async function runExperiment(options: ExperimentOptions): Promise<ExperimentResult> {
  const experiment = new Experiment(options);
  try {
    const standing = await experiment.prepare();
    await experiment.conduct(standing);
    const leftBehind = await experiment.undo();
    const release = () => experiment.release(leftBehind.length === 0);
    const record = experiment.record(standing, leftBehind);
    return { record, outputs: standing.services.outputs(), leftBehind, release };
  } catch (error) {
    // Asked before the undoing: a Ctrl-C during it is not why the run ends.
    const reason = experiment.reasonFor(error);
    const failure = withLeftBehind(reason, await experiment.undo());
    await experiment.release(!isRollbackFailure(failure));
    throw failure;
  }
}

class Experiment {
  readonly #options: ExperimentOptions;
  readonly #control: RunControl;
  #net: SafetyNet | null = null;
  /** null: not yet. */
  #standing: SetUp | null = null;
  #ending: RunEnding = { kind: "completed" };

  constructor(options: ExperimentOptions) {
    this.#options = options;
    this.#control = new RunControl({ ...options, secrets: options.plan.secrets });
  }

  async prepare(): Promise<SetUp> {
    const { plan, env, reportFolder } = this.#options;
    const control = this.#control;
    control.observer.begun?.({
      recordSoFar: () => this.#standing && this.record(this.#standing, []),
      signalsNow: async () => (await this.#standing?.signals.now()) ?? [],
      note: (text) => control.recorder.event("note", text),
    });
    const stateFolder = openStateFolder(env);
    refuseWhileHalted(stateFolder);
    refuseTooFewFiles();
    const actions = plannedActions(plan.steps);
    const drivers = driversFor(actions, plan.proxies);
    const net = await openSafetyNet({
      env,
      // Other runs print the name when they meet this one.
      plan: {
        ...plan,
        name: redact(plan.name, plan.secrets),
        reportFolder: reportFolder?.folder ?? null,
      },
      drivers,
      onLost: (reason) => control.warn(reason),
      onStandstill: (reason) => control.fail("STOOD_STILL", reason),
    });
    this.#net = net;
    const name = redact(plan.name, plan.secrets);
    const hearing = {
      note: (note: Note) => control.recorder.event("note", noteText(note)),
      halt: (order: HaltOrder) => control.halt(haltText(order)),
    };
    control.teardown.add("listening", listen(stateFolder, { id: net.runId, kind: "run", name }, hearing));
    this.#watchLimits();
    // In the closed model the generator's own pace decides how much is asked of the system.
    if (plan.load.model.kind === "open") control.teardown.add("priority", raisePriority());
    if (reportFolder) net.journal.reportsWritten(reportFolder);
    const standing = await setUp(control, {
      plan,
      drivers,
      actions,
      env,
      net,
      folder: reportFolder?.folder ?? null,
      workers: this.#options.workers ?? null,
      toolVersion: this.#options.toolVersion,
    });
    control.phases = standing.phases;
    this.#standing = standing;
    return standing;
  }

  /** Rejects only for a bug. The faults are out then. */
  async conduct(standing: SetUp): Promise<void> {
    const { stop, recorder, observer } = this.#control;
    const { plan, phases, faults } = standing;
    const mayRetry = this.#options.mayRetry ?? true;
    let stoppedAtS: number | null = null;
    try {
      const checks = plan.checks.length > 0 ? standing.checks : null;
      const signals = plan.signals.length > 0 ? standing.signals : null;
      await new Conductor({
        plan,
        phases,
        faults,
        recorder,
        stop,
        observer,
        mayRetry,
        checks,
        signals,
        pods: standing.pods,
      }).run();
      this.#net?.checkStandstill();
    } catch (error) {
      // Before the faults come out: from this time the record tells whether one was in place.
      stoppedAtS = recorder.now();
      const isBug = !stop.cause && !(error instanceof FaultlineError);
      if (error instanceof FaultlineError) this.#control.fail(error.code, error.message);
      await this.#cutShort(standing);
      if (isBug) throw error;
    }
    if (stop.cause) this.#ending = { ...stop.cause, atS: stoppedAtS ?? recorder.now() };
  }

  async undo(): Promise<UndoFailure[]> {
    const { teardown } = this.#control;
    this.#control.say("cleaning up");
    await this.#net?.idle();
    const failures = await teardown.run();
    for (const { name, error } of failures)
      this.#control.warn(`${name} could not be undone: ${messageOf(error)}`);
    return failures;
  }

  async release(undone: boolean): Promise<void> {
    await this.#net?.close(undone);
  }

  /**
   * The error that says why the run did not begin. Normally it is what stopped the run, even where something else
   * failed because of that (a target that cannot be reached after a service died). A bug, or something left behind,
   * stays the error.
   */
  reasonFor(error: unknown): unknown {
    const { cause } = this.#control.stop;
    const isExpected = error instanceof RunStopped || error instanceof FaultlineError;
    if (!cause || !isExpected || isRollbackFailure(error)) return error;
    switch (cause.kind) {
      case "failed":
        return new FaultlineError(cause.code, cause.reason);
      case "aborted":
        return new FaultlineError("ABORTED", cause.reason);
      case "interrupted":
        return new FaultlineError("INTERRUPTED", `stopped by ${cause.reason}; nothing was measured`);
    }
  }

  /** Without secrets. */
  record(
    { plan: resolved, faults, services, checks, crew, way, pods }: SetUp,
    leftBehind: readonly UndoFailure[],
  ): RunRecord {
    const { plan, toolVersion } = this.#options;
    const { recorder, startedAt, durationMs } = this.#control;
    const record = runRecord({
      plan,
      toolVersion,
      load: resolved.load,
      way,
      server: faults.server,
      startedAt,
      durationMs,
      recorder,
      services: services.records((atMs) => recorder.secondsAt(atMs)),
      checks: checks.records(),
      completionsOf: (phase) => checks.completionsOf(phase),
      workersOf: (phases) => crew?.records(phases, (atMs) => recorder.secondsAt(atMs)) ?? [],
      pods: pods?.record() ?? null,
      ending: endingOf(this.#ending, leftBehind, recorder.now()),
    });
    const clean = maskRecord(record, (text) => redact(text, plan.secrets));
    return { ...clean, phases: withShortSamples(clean.phases) };
  }

  /**
   * The run was stopped. First what is known is written down, then the faults come out. In the other order the closed
   * connections would count as the system's failures.
   */
  async #cutShort({ phases, faults, pods }: SetUp): Promise<void> {
    const { recorder } = this.#control;
    try {
      const late = () => new Error("the load threads did not answer");
      await withDeadline(phases.cut(), CUT_DEADLINE_MS, late);
    } catch (error) {
      this.#control.warn(`the last phase is not recorded: ${messageOf(error)}`);
    }
    try {
      await faults.clear();
      recorder.allRemoved();
    } catch (error) {
      this.#control.warn(`removing the fault failed: ${messageOf(error)}`);
    }
    await pods?.look();
  }

  #watchLimits(): void {
    // With workers the connections are theirs.
    const warning = this.#options.workers ? null : fileLimitWarning(this.#options.plan);
    if (warning !== null) this.#control.warn(warning);
    this.#control.teardown.add(
      "look at limits",
      watchFileLimit((what) => this.#control.spoil(`faultline itself lost connections, as ${what}`)),
    );
  }
}
