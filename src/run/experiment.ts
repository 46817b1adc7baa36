import { composeDrivers } from "../faults/drivers.js";
import { proxyTokenOf } from "../faults/toxiproxy/client/token-variable.js";
import { openFaultPlane } from "../faults/toxiproxy/open.js";
import type { LiveSample, LoadSession } from "../load/session.js";
import { startLoad } from "../load/start-load.js";
import { withShortSamples } from "../measure/answer-samples.js";
import { maskRecord } from "../measure/mask-record.js";
import type { RunEnding, RunRecord } from "../measure/record.js";
import { resolveProxies, resolveServices, resolveTarget, servicesWithPort } from "../plan/placeholders.js";
import type { RunPlan } from "../plan/run-plan.js";
import { addressOf, formatAddress } from "../support/address.js";
import { monotonicMs, sleep, withDeadline } from "../support/clock.js";
import { FaultlineError, messageOf } from "../support/errors.js";
import { redact } from "../support/redact.js";
import { Teardown, type UndoFailure } from "../support/teardown.js";
import { fileLimitWarning, refuseTooFewFiles, watchFileLimit } from "./machine/file-limit.js";
import { MachineWatch } from "./machine/machine-watch.js";
import { raisePriority } from "./machine/priority.js";
import { AbortMonitor, abortLimits } from "./phases/abort.js";
import { Conductor } from "./phases/conductor.js";
import type { RunObserver } from "./phases/observer.js";
import { Phases } from "./phases/phases.js";
import { Recorder } from "./phases/recorder.js";
import { RunStopped, type StopCause, StopSwitch } from "./phases/stop.js";
import { checkAllowed } from "./reach/allowed-addresses.js";
import { pickFreePort } from "./reach/local-port.js";
import { checkTarget, checkUpstream } from "./reach/reachable.js";
import { runRecord } from "./run-record.js";
import type { ReportFolder } from "./safety/journal-format.js";
import { endingOf, isRollbackFailure, withLeftBehind } from "./safety/left-behind.js";
import { openSafetyNet, type SafetyNet } from "./safety/safety-net.js";
import { inheritedEnvironment } from "./services/service-environment.js";
import { type RunningServices, startServices } from "./services/services.js";

/** How long a stopped run may take to write down what it has measured so far. */
const CUT_DEADLINE_MS = 500;

export interface ExperimentOptions {
  readonly plan: RunPlan;
  readonly toolVersion: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly observer?: RunObserver;
  /** Where the report will be written: half-written files there are cleaned up after a crash. */
  readonly reportFolder?: ReportFolder;
  /** Aborted by Ctrl-C and SIGTERM; its reason becomes part of the record. */
  readonly interrupt?: AbortSignal;
  /** Ends the run with "aborted" when it takes longer. */
  readonly maxDurationMs?: number;
  /** false: nothing is measured a second time because the load generator was late. */
  readonly mayRetry?: boolean;
}

export interface ExperimentResult {
  readonly record: RunRecord;
  /** What could not be undone; empty after a clean run. */
  readonly leftBehind: readonly UndoFailure[];
  /** Call when the reports are written: until then the watchdog would clean up after a crash. */
  readonly release: () => Promise<void>;
}

/**
 * Runs one experiment and undoes all that it did, on every way out.
 * @throws FaultlineError when the run could not begin: there is nothing to judge then.
 */
export async function runExperiment(options: ExperimentOptions): Promise<ExperimentResult> {
  const experiment = new Experiment(options);
  try {
    await experiment.prepare();
    await experiment.conduct();
  } catch (error) {
    // Asked before the undoing: a Ctrl-C during it is not why the run ends.
    const reason = experiment.reasonFor(error);
    const failure = withLeftBehind(reason, await experiment.undo());
    await experiment.release(!isRollbackFailure(failure));
    throw failure;
  }
  const leftBehind = await experiment.undo();
  const release = () => experiment.release(leftBehind.length === 0);
  return { record: experiment.record(leftBehind), leftBehind, release };
}

class Experiment {
  readonly #options: ExperimentOptions;
  readonly #observer: RunObserver;
  readonly #teardown = new Teardown();
  readonly #stop = new StopSwitch();
  readonly #recorder: Recorder;
  readonly #startedAt = new Date();
  readonly #startedMs = monotonicMs();
  #plan: RunPlan;
  #net: SafetyNet | null = null;
  #services: RunningServices | null = null;
  #conductor: Conductor | null = null;
  #phases: Phases | null = null;
  #isSpoilt = false;
  #toxiproxy: RunRecord["environment"]["toxiproxy"] = { kind: "embedded", version: "", url: null };
  #clearFaults: () => Promise<void> = async () => {};
  #ending: RunEnding = { kind: "completed" };

  constructor(options: ExperimentOptions) {
    this.#options = options;
    this.#plan = options.plan;
    this.#observer = options.observer ?? {};
    this.#recorder = new Recorder(this.#observer, (text) => redact(text, options.plan.secrets));
    this.#followInterrupt();
    this.#limitDuration();
  }

  /** Proxies, services, load threads: all that must stand before the first request. */
  async prepare(): Promise<void> {
    const { plan, env } = this.#options;
    refuseTooFewFiles();
    const net = await openSafetyNet({
      env,
      // Other runs print the name when they meet this one.
      plan: { ...plan, name: redact(plan.name, plan.secrets) },
      onLost: (reason) => this.#warn(reason),
      onStandstill: (reason) => this.#fail("STOOD_STILL", reason),
    });
    this.#net = net;
    this.#watchLimits();
    // In the closed model it is the generator's own pace that decides how much is asked of the system.
    if (plan.load.model.kind === "open") this.#teardown.add("priority", raisePriority());
    if (this.#options.reportFolder) net.journal.reportsWritten(this.#options.reportFolder);
    const faults = await this.#openFaults(net);
    this.#throwIfStopped();
    await this.#startServices(net, faults.listens);
    await this.#checkReachable(faults.plane.kind);
    this.#throwIfStopped();
    const load = await this.#startLoad();
    const watch = await this.#watchMachine(new Set(faults.listens));
    await net.armed;
    this.#phases = new Phases(load, this.#recorder, abortLimits(plan.abort), {
      watch,
      standstills: plan.proxies.length > 0 ? (faults.plane.standstills ?? null) : null,
    });
    this.#conductor = new Conductor({
      plan: this.#plan,
      phases: this.#phases,
      faults: faults.composed,
      recorder: this.#recorder,
      stop: this.#stop,
      observer: this.#observer,
      mayRetry: this.#options.mayRetry ?? true,
    });
  }

  /** Rejects only with what is a bug; the faults are out then. */
  async conduct(): Promise<void> {
    let stoppedAtS: number | null = null;
    try {
      await this.#conductor?.run();
      this.#net?.checkStandstill();
    } catch (error) {
      // Before the faults come out: the record tells from it whether one was in place.
      stoppedAtS = this.#recorder.now();
      const isBug = !this.#stop.cause && !(error instanceof FaultlineError);
      if (error instanceof FaultlineError) this.#fail(error.code, error.message);
      await this.#cutShort();
      if (isBug) throw error;
    }
    const { cause } = this.#stop;
    if (cause) this.#ending = { ...cause, atS: stoppedAtS ?? this.#recorder.now() };
  }

  async undo(): Promise<UndoFailure[]> {
    this.#say("cleaning up");
    await this.#net?.idle();
    const failures = await this.#teardown.run();
    for (const { name, error } of failures) this.#warn(`${name} could not be undone: ${messageOf(error)}`);
    return failures;
  }

  async release(undone: boolean): Promise<void> {
    await this.#net?.close(undone);
  }

  /**
   * The error that says why the run did not begin: what stopped it, also where something failed because of that (no
   * target to be reached after a service died); a bug, or something left behind, stays the error.
   */
  reasonFor(error: unknown): unknown {
    const { cause } = this.#stop;
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
  record(leftBehind: readonly UndoFailure[]): RunRecord {
    const { plan, toolVersion } = this.#options;
    const record = runRecord({
      plan,
      toolVersion,
      targetUrl: this.#plan.load.target.url,
      toxiproxy: this.#toxiproxy,
      startedAt: this.#startedAt,
      durationMs: monotonicMs() - this.#startedMs,
      recorder: this.#recorder,
      services: this.#services?.records() ?? [],
      ending: endingOf(this.#ending, leftBehind, this.#recorder.now()),
    });
    const clean = maskRecord(record, (text) => redact(text, plan.secrets));
    return { ...clean, phases: withShortSamples(clean.phases) };
  }

  /** Makes the proxies; from then on the plan holds addresses and ports instead of placeholders. */
  async #openFaults(net: SafetyNet) {
    const { plan } = this.#options;
    const { toxiproxyUrl, seed } = plan;
    this.#say(toxiproxyUrl === null ? "starting Toxiproxy" : `connecting to Toxiproxy at ${toxiproxyUrl}`);
    const servicePorts = new Map<string, number>();
    for (const name of servicesWithPort(plan)) servicePorts.set(name, await pickFreePort());
    const plane = await openFaultPlane({
      toxiproxyUrl,
      toxiproxyToken: proxyTokenOf(this.#options.env),
      seed,
      journal: net.journal,
      onLost: (reason) => this.#fail("TOXIPROXY_UNREACHABLE", reason),
      onLimit: (reason) => this.#spoil(reason),
    });
    const composed = composeDrivers(plane);
    this.#teardown.add("proxies and faults", () => composed.close());
    this.#clearFaults = () => composed.clear();
    this.#toxiproxy = { kind: plane.kind, version: plane.version, url: toxiproxyUrl };
    const proxies = resolveProxies(plan.proxies, servicePorts);
    const addresses = { servicePorts, proxyAddresses: await plane.createProxies(proxies) };
    this.#plan = {
      ...plan,
      proxies,
      services: resolveServices(plan.services, addresses),
      load: { ...plan.load, target: resolveTarget(plan.load.target, addresses) },
    };
    checkAllowed(this.#plan, addresses.proxyAddresses);
    return { plane, composed, listens: [...addresses.proxyAddresses.values()] };
  }

  async #watchMachine(proxies: ReadonlySet<string>): Promise<MachineWatch> {
    const { load, proxies: behind } = this.#plan;
    const target = load.target.socketPath ?? formatAddress(addressOf(new URL(load.target.url)));
    const watch = await MachineWatch.open({
      groups: this.#services?.groups() ?? [],
      addresses: [target, ...behind.map(({ upstream }) => upstream)].filter(
        (address) => !proxies.has(address),
      ),
    });
    this.#teardown.add("watch over the machine", () => watch.stop());
    return watch;
  }

  async #startServices(net: SafetyNet, ownListeners: Iterable<string>): Promise<void> {
    const services = await startServices(this.#plan.services, {
      runId: net.runId,
      journal: net.journal,
      env: inheritedEnvironment(this.#options.env, this.#plan.serviceEnv),
      secrets: this.#plan.secrets,
      signal: this.#stop.signal,
      ownListeners,
      onProgress: (text) => this.#say(text),
      onExit: (failure) => this.#fail(failure.code, failure.message),
    });
    this.#services = services;
    this.#teardown.add("services", () => services.stop());
  }

  async #checkReachable(toxiproxy: "embedded" | "external"): Promise<void> {
    this.#say("checking upstreams and target");
    const upstreams = this.#plan.proxies.map(({ name, upstream }) => checkUpstream(name, upstream));
    const checks = Promise.allSettled([...upstreams, checkTarget(this.#plan.load.target)]);
    for (const [index, check] of (await this.#stop.unlessStopped(checks)).entries()) {
      if (check.status === "fulfilled") continue;
      // A server that is not ours may stand in another network, where the upstream has its own name.
      const isDoubtful = toxiproxy === "external" && index < upstreams.length;
      if (!isDoubtful) throw check.reason;
      this.#warn(messageOf(check.reason));
    }
  }

  async #startLoad(): Promise<LoadSession> {
    const monitor = new AbortMonitor(this.#plan.abort);
    const onLive = (sample: LiveSample) => {
      this.#observer.live?.(sample);
      const reason = monitor.feed(sample);
      if (reason !== null) this.#abort(reason);
    };
    const load = await startLoad({
      plan: this.#plan.load,
      onLive,
      onLost: (reason) => this.#fail("LOAD_FAILED", reason),
    });
    this.#teardown.add("load", () => load.stop());
    return load;
  }

  /**
   * The run was stopped: what is known is taken down, then the faults come out. That closes connections, which would be
   * counted as the system's failures the other way round.
   */
  async #cutShort(): Promise<void> {
    try {
      const late = () => new Error("the load threads did not answer");
      await withDeadline(this.#phases?.cut() ?? Promise.resolve(), CUT_DEADLINE_MS, late);
    } catch (error) {
      this.#warn(`the last phase is not recorded: ${messageOf(error)}`);
    }
    try {
      await this.#clearFaults();
      this.#recorder.allRemoved();
    } catch (error) {
      this.#warn(`removing the fault failed: ${messageOf(error)}`);
    }
  }

  #followInterrupt(): void {
    const { interrupt } = this.#options;
    if (!interrupt) return;
    const trip = () => this.#stop.trip({ kind: "interrupted", reason: String(interrupt.reason) });
    if (interrupt.aborted) trip();
    else interrupt.addEventListener("abort", trip, { once: true });
  }

  #limitDuration(): void {
    const { maxDurationMs } = this.#options;
    if (maxDurationMs === undefined) return;
    const over = new AbortController();
    this.#teardown.add("duration limit", () => over.abort());
    sleep(maxDurationMs, over.signal).then(
      () => this.#abort(`the run took longer than --max-duration ${maxDurationMs / 1000} s`),
      () => {},
    );
  }

  /** This process has run out of something: what is measured meanwhile is not laid to the system. */
  #spoil(reason: string): void {
    if (this.#teardown.started) return;
    this.#phases?.spoil(reason);
    if (!this.#isSpoilt) this.#warn(reason);
    this.#isSpoilt = true;
  }

  #watchLimits(): void {
    const warning = fileLimitWarning(this.#plan);
    if (warning !== null) this.#warn(warning);
    this.#teardown.add(
      "look at limits",
      watchFileLimit((what) => this.#spoil(`faultline itself lost connections, as ${what}`)),
    );
  }

  #abort(reason: string): void {
    if (this.#stop.cause || this.#teardown.started) return;
    this.#recorder.event("abort", reason);
    this.#stop.trip({ kind: "aborted", reason });
  }

  #fail(code: Extract<StopCause, { kind: "failed" }>["code"], reason: string): void {
    if (this.#stop.cause || this.#teardown.started) return;
    this.#warn(reason);
    this.#stop.trip({ kind: "failed", code, reason });
  }

  #warn(text: string): void {
    this.#recorder.event("warning", text);
  }

  #throwIfStopped(): void {
    this.#stop.signal.throwIfAborted();
  }

  #say(text: string): void {
    this.#observer.status?.(text);
  }
}
