/** Everything that must stand before the first request: proxies, services, load threads, and what watches them. */

import { randomBytes, randomUUID } from "node:crypto";
import { tooSlowSignals } from "../analysis/slo/signal-decidability.js";
import { type ComposedFaults, loadDrivers } from "../faults/compose.js";
import type { FaultAction } from "../faults/fault-action.js";
import type { Crew } from "../load/distributed/crew.js";
import type { LiveSample, LoadSession } from "../load/session.js";
import { startLoad } from "../load/start-load.js";
import type { LiveTrace } from "../measure/run-in-progress.js";
import { looksAtCluster } from "../plan/cluster/cluster-looks.js";
import type { LoadPlan } from "../plan/load-plan.js";
import {
  type PlaceholderValues,
  portsToPick,
  resolveChecks,
  resolveProxies,
  resolveServices,
  resolveSignals,
  resolveTarget,
  resolveText,
  runFolderValue,
  servicePortValues,
  usesRunFolder,
} from "../plan/placeholders.js";
import type { RunPlan } from "../plan/run-plan.js";
import { longestFaultMs } from "../plan/steps.js";
import { addressOf, formatAddress } from "../support/address.js";
import { FaultlineError, messageOf } from "../support/errors.js";
import { redact } from "../support/redact.js";
import { checksOnIds } from "./checks/id-checks.js";
import { makeIdFolder, removeIdFolder } from "./checks/id-folder.js";
import { RunChecks, type RunChecksOptions } from "./checks/run-checks.js";
import { runEnvironment } from "./checks/run-environment.js";
import { sentMoments, spansOf } from "./checks/sent-moment.js";
import type { OpenedLooks } from "./cluster/open-for-looks.js";
import type { RunPods } from "./cluster/run-pods.js";
import { MachineWatch } from "./machine/machine-watch.js";
import { AbortMonitor, abortLimits } from "./phases/abort-monitor.js";
import { LoadPhases } from "./phases/load-phases.js";
import { checkAllowed } from "./reach/allowed-addresses.js";
import { type ClusterWay, openClusterWay } from "./reach/cluster-way.js";
import { pickFreePort } from "./reach/local-port.js";
import { checkTarget, checkUpstream, UnreachableError } from "./reach/reachable.js";
import { settleLoad } from "./reach/settle-load.js";
import { checkUpstreamTls, watchUpstreamTls } from "./reach/upstream-tls.js";
import type { RunControl } from "./run-control.js";
import type { SafetyNet } from "./safety/safety-net.js";
import { inheritedEnvironment } from "./services/inherited-environment.js";
import { makeRunFolder, newRunFolder, removeRunFolder } from "./services/run-folder.js";
import { type RunningServices, startServices } from "./services/services.js";
import { RunSignals } from "./signals/run-signals.js";

export interface SetUpOptions {
  readonly plan: RunPlan;
  /** Names of drivers, and everything that they will be asked to do. */
  readonly drivers: readonly string[];
  readonly actions: readonly FaultAction[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly net: SafetyNet;
  /** Where the run's files go. null: nowhere. */
  readonly folder: string | null;
  /** Who makes the load. null: this process. */
  readonly workers: WorkersChoice | null;
  readonly toolVersion: string;
}

/** Workers that make the load instead of this process. */
export interface WorkersChoice {
  /** Of the NATS server where they wait. */
  readonly url: string;
  /** null: as many as there are. */
  readonly expect: number | null;
  /** How long they may take to come. */
  readonly withinMs: number;
}

export interface SetUp {
  /** With addresses and ports in place of placeholders. */
  readonly plan: RunPlan;
  readonly faults: ComposedFaults;
  readonly services: RunningServices;
  readonly phases: LoadPhases;
  readonly checks: RunChecks;
  readonly signals: RunSignals;
  /** null: this process makes the load. */
  readonly crew: Crew | null;
  /** The way of the load to a service in a cluster. null: it goes nowhere else than the scenario says. */
  readonly way: ClusterWay | null;
  /** null: no pods are watched. */
  readonly pods: RunPods | null;
}

/** Sets up a run. The run's teardown undoes what it has started, also when it rejects. */
export async function setUp(control: RunControl, options: SetUpOptions): Promise<SetUp> {
  const { net } = options;
  const { stop, teardown, recorder } = control;
  // Nothing was started yet, should none be there.
  const crew = options.workers === null ? null : await gatherCrew(control, options, options.workers);
  const looks = await openLooks(control, options);
  const { faults, plan: resolved, names } = await openFaults(control, options);
  stop.signal.throwIfAborted();
  const way = await openClusterWay(control, resolved, options.env);
  crew?.refuseUnshared(resolved.load.target);
  const ids = await openIds(control, resolved, options);
  const plan: RunPlan = { ...resolved, load: loadOfRun(resolved.load, ids, way) };
  const inherited = inheritedEnvironment(options.env, plan.serviceEnv);
  const env = { ...inherited, ...(await faults.serviceEnvironment(inherited)) };
  const services = await openServices(control, plan, { ...options, env, looks }, faults);
  teardown.add("services", () => services.stop());
  const asking = {
    ...options,
    cluster: looks?.cluster ?? null,
    env: { ...env, ...runEnvironment(names, plan.load.target.url, options.folder) },
  };
  const checks = openChecks(control, plan, { ...asking, idFolder: ids?.folder ?? null });
  teardown.add("checks", () => checks.stop());
  checks.refuseMissingPrograms();
  const signals = openSignals(control, plan, asking);
  signals.refuseMissingPrograms();
  await faults.servicesReady(services.running());
  // Workers look for themselves. Where they are elsewhere, the target may be out of reach from here.
  await checkReachable(control, plan, faults, crew === null || crew.isHere);
  stop.signal.throwIfAborted();
  await stop.unlessStopped(checks.beforeLoad());
  teardown.add("signals", () => signals.stop());
  await signals.open();
  const pods = (await looks?.watchPods()) ?? null;
  await warnOfSlowSignals(control, plan, signals);
  const settled: RunPlan = { ...plan, load: await stop.unlessStopped(settleLoad(plan, stop.signal)) };
  const load = await openLoad(control, settled, crew, (reason) => checks.idsLost(reason));
  teardown.add("load", () => load.stop());
  const isHere = crew === null || crew.isHere;
  // Another machine's CPUs say nothing of this load.
  const watch = isHere ? await watchMachine(plan, services, faults, way) : null;
  teardown.add("watch over the machine", () => watch?.stop());
  await net.armed;
  const phases = new LoadPhases(load, recorder, abortLimits(plan.abort), {
    watch,
    standstills: (fromMs, untilMs) => {
      const ofFaults = faults.standstills(fromMs, untilMs);
      const ofWay = way?.forward?.standstills.between(fromMs, untilMs) ?? null;
      return ofWay === null ? ofFaults : [...(ofFaults ?? []), ...ofWay];
    },
  });
  return { plan: settled, faults, services, phases, checks, signals, crew, way, pods };
}

/** Opens the cluster that is looked at. @returns null when none is. */
async function openLooks(control: RunControl, { plan, env }: SetUpOptions): Promise<OpenedLooks | null> {
  if (!looksAtCluster(plan)) return null;
  const { openForLooks } = await import("./cluster/open-for-looks.js");
  return openForLooks(control, plan, env);
}

/** Finds the workers. They work for nobody else until the run is over. */
async function gatherCrew(
  control: RunControl,
  { plan, env, toolVersion }: SetUpOptions,
  workers: WorkersChoice,
): Promise<Crew> {
  const { target } = plan.load;
  if (target.isInCluster) {
    const message = `--workers: ${target.url} is reached by a port-forward of this process, and workers have none. Run it without --workers, or name a host that they reach in load.target`;
    throw new FaultlineError("USAGE", message);
  }
  const [noted] = checksOnIds(plan.checks);
  if (noted !== undefined) {
    const message = `--workers: check "${noted.name}" needs the ids that the load sends, and workers do not write them down. Run it without --workers`;
    throw new FaultlineError("USAGE", message);
  }
  const { Crew } = await import("../load/distributed/crew.js");
  const crew = await Crew.gather({
    ...workers,
    env,
    version: toolVersion,
    signal: control.stop.signal,
    onStatus: (text) => control.say(text),
    onWarning: (text) => control.warn(text),
  });
  control.teardown.add("workers", () => crew.close());
  return crew;
}

/** Prepares the drivers of faults. From then on the plan holds addresses and ports in place of placeholders. */
async function openFaults(
  control: RunControl,
  { plan, drivers, actions, env, net }: SetUpOptions,
): Promise<{ readonly faults: ComposedFaults; readonly plan: RunPlan; readonly names: PlaceholderValues }> {
  const { toxiproxyUrl, docker, cluster, seed, allowedHosts } = plan;
  const ports = new Map<string, number>();
  for (const expression of portsToPick(plan)) ports.set(expression, await pickFreePort());
  const portValues = servicePortValues(ports);
  const runFolder = usesRunFolder(plan) ? newRunFolder() : null;
  const folderValue = runFolder === null ? [] : runFolderValue(runFolder);
  const values = new Map([...portValues, ...folderValue]);
  const proxies = resolveProxies(plan.proxies, values);
  const faults = await loadDrivers(drivers);
  control.teardown.add("proxies and faults", () => faults.close());
  const names = await faults.prepare({
    run: randomUUID(),
    actions,
    proxies,
    toxiproxyUrl,
    docker,
    cluster,
    longestFaultMs: longestFaultMs(plan.steps),
    allowedHosts,
    seed,
    env,
    fill: (text) => resolveText(text, values),
    mask: (text) => redact(text, plan.secrets),
    journal: net.journal,
    stopping: control.stop.signal,
    onStatus: (text) => control.say(text),
    onEvent: (text) => control.recorder.event("service", text),
    onLost: ({ code, message }) => control.fail(code, message),
    onLimit: (reason) => control.spoil(reason),
  });
  if (runFolder !== null) await openRunFolder(control, net, runFolder);
  for (const [name, value] of names) values.set(name, value);
  const resolved = withValues({ ...plan, proxies }, values);
  checkAllowed(resolved);
  return { faults, plan: resolved, names };
}

/** It is removed when the services have ended, and with it all that they have put into it. */
async function openRunFolder(
  { teardown }: RunControl,
  { journal }: SafetyNet,
  path = newRunFolder(),
): Promise<string> {
  journal.runFolder(path);
  teardown.add("folder of services", () => removeRunFolder(path));
  await makeRunFolder(path);
  return path;
}

function withValues(plan: RunPlan, values: PlaceholderValues): RunPlan {
  const load: LoadPlan = { ...plan.load, target: resolveTarget(plan.load.target, values) };
  const services = resolveServices(plan.services, values);
  const checks = resolveChecks(plan.checks, values);
  return { ...plan, services, checks, signals: resolveSignals(plan.signals, values), load };
}

async function openServices(
  control: RunControl,
  plan: RunPlan,
  { env, net, looks }: SetUpOptions & { readonly looks: OpenedLooks | null },
  faults: ComposedFaults,
): Promise<RunningServices> {
  const untrusted = new AbortController();
  const watching = new AbortController();
  let standing: UnreachableError | null = null;
  void watchUpstreamTls(plan.proxies, watching.signal, {
    untrusted: (error) => untrusted.abort(error),
    standing: (error) => {
      standing = error;
    },
  });
  try {
    return await startServices(plan.services, {
      runId: net.runId,
      journal: net.journal,
      env,
      inherits: plan.serviceEnv,
      secrets: plan.secrets,
      signal: AbortSignal.any([control.stop.signal, untrusted.signal]),
      ownListeners: faults.listens,
      onLaunch: (service, pid) => faults.serviceStarted(service, pid),
      onProgress: (text) => control.say(text),
      onFailing: () => watching.abort(),
      ...(looks ? { objectCheck: looks.objectCheck } : {}),
      onExit: (failure) => control.fail(failure.code, failure.message),
    });
  } catch (error) {
    throw withReason(error, standing);
  } finally {
    watching.abort();
  }
}

/** A service that was never ready may have waited for a dependency that nobody could speak to over TLS. */
function withReason(error: unknown, standing: UnreachableError | null): unknown {
  if (standing === null || !(error instanceof FaultlineError) || error.code !== "SERVICE_FAILED")
    return error;
  const { code, endpoint, message, hint } = standing;
  return new UnreachableError(code, endpoint, `${message}, and a service did not start`, hint);
}

/** What is of this run alone. */
function loadOfRun(load: LoadPlan, ids: LoadPlan["ids"] | null, way: ClusterWay | null): LoadPlan {
  const { tracing } = load;
  return {
    ...load,
    ...(way ? { target: way.target } : {}),
    ...(ids ? { ids } : {}),
    ...(tracing ? { tracing: { ...tracing, runKey: randomBytes(16).toString("hex") } } : {}),
  };
}

/** Makes the place for the ids that the load sends. @returns null when no check asks for them. */
async function openIds(
  control: RunControl,
  { checks }: RunPlan,
  { folder, net }: SetUpOptions,
): Promise<NonNullable<LoadPlan["ids"]> | null> {
  const noted = checksOnIds(checks).flatMap(({ ids }) => (ids ? [{ request: ids.request, id: ids.id }] : []));
  if (noted.length === 0) return null;
  const place = await makeIdFolder(folder ?? (await openRunFolder(control, net)));
  // A run that does not begin leaves nothing in its folder.
  control.teardown.add("ids", () => (control.phases === null ? removeIdFolder(place) : undefined));
  return { folder: place, noted };
}

/** `env`: what commands inherit. */
function openChecks(
  control: RunControl,
  plan: RunPlan,
  { env, net, idFolder, cluster }: SetUpOptions & Pick<RunChecksOptions, "idFolder" | "cluster">,
): RunChecks {
  const { recorder } = control;
  return new RunChecks({
    checks: plan.checks,
    cluster,
    runId: net.runId,
    env,
    secrets: plan.secrets,
    journal: net.journal,
    signal: control.stop.signal,
    now: () => recorder.now(),
    idFolder,
    moments: () => sentMoments(recorder.phases, recorder.faults),
    spans: () => spansOf(recorder.phases, recorder.faults),
    say: (text) => control.say(text),
    warn: (text) => control.warn(text),
  });
}

/** `env`: what commands inherit. */
function openSignals(control: RunControl, plan: RunPlan, { env, net }: SetUpOptions): RunSignals {
  const { recorder, stop } = control;
  return new RunSignals({
    signals: plan.signals,
    runId: net.runId,
    env,
    secrets: plan.secrets,
    journal: net.journal,
    signal: stop.signal,
    secondsAt: (atMs) => recorder.secondsAt(atMs),
    onRead: (phaseId, read) => recorder.signals(phaseId, read),
  });
}

/** What only the server knows beforehand: how often it looks. */
async function warnOfSlowSignals(control: RunControl, plan: RunPlan, signals: RunSignals): Promise<void> {
  const intervals = await control.stop.unlessStopped(signals.intervals((text) => control.warn(text)));
  for (const warning of tooSlowSignals(plan, intervals)) control.warn(warning);
}

async function checkReachable(
  control: RunControl,
  { proxies, load }: RunPlan,
  { server }: ComposedFaults,
  looksAtTarget: boolean,
): Promise<void> {
  control.say("checking upstreams and target");
  const upstreams = proxies.map(async (proxy) => {
    await checkUpstream(proxy.name, proxy.upstream);
    await checkUpstreamTls(proxy);
  });
  const checks = Promise.allSettled([...upstreams, ...(looksAtTarget ? [checkTarget(load)] : [])]);
  for (const [index, check] of (await control.stop.unlessStopped(checks)).entries()) {
    if (check.status === "fulfilled") continue;
    // A server that is not ours may stand in another network, where the upstream has its own name.
    const isDoubtful = server?.kind === "external" && index < upstreams.length;
    if (!isDoubtful) throw check.reason;
    control.warn(messageOf(check.reason));
  }
}

function openLoad(
  control: RunControl,
  plan: RunPlan,
  crew: Crew | null,
  onIdsLost: (reason: string) => void,
): Promise<LoadSession> {
  const monitor = new AbortMonitor(plan.abort);
  const options = {
    plan: plan.load,
    onLive: (sample: LiveSample) => {
      control.observer.live?.(sample);
      const spoilt = control.takeSpoilt();
      const reason = monitor.feed(sample, spoilt !== null);
      if (reason !== null) control.abort(spoilt === null ? reason : `${reason}; meanwhile ${spoilt}`);
    },
    onLost: (reason: string) => control.fail("LOAD_FAILED", reason),
    onIdsLost,
    onTraces: (traces: readonly LiveTrace[]) => control.observer.traces?.(traces),
  };
  if (crew === null) return startLoad(options);
  return crew.startLoad({ ...options, onSpoilt: (reason) => control.spoil(reason) });
}

function watchMachine(
  { load, proxies }: RunPlan,
  services: RunningServices,
  faults: ComposedFaults,
  way: ClusterWay | null,
): Promise<MachineWatch> {
  const own = new Set(faults.listens);
  const served = way?.forward?.server ?? load.target.url;
  const target = load.target.socketPath ?? formatAddress(addressOf(new URL(served)));
  return MachineWatch.open({
    groups: () => services.groups(),
    heldBack: () => faults.heldBack(),
    addresses: [target, ...proxies.map(({ upstream }) => upstream)].filter((address) => !own.has(address)),
  });
}
