/** Everything that must stand before the first request: proxies, services, load threads, and what watches them. */

import type { ComposedFaults } from "../faults/compose.js";
import type { Crew } from "../load/distributed/crew.js";
import { looksAtCluster } from "../plan/cluster/cluster-looks.js";
import type { RunPlan } from "../plan/run-plan.js";
import type { RunChecks } from "./checks/run-checks.js";
import { runEnvironment } from "./checks/run-environment.js";
import type { OpenedLooks } from "./cluster/open-for-looks.js";
import type { RunPods } from "./cluster/run-pods.js";
import { abortLimits } from "./phases/abort-monitor.js";
import { LoadPhases } from "./phases/load-phases.js";
import { checkReachable } from "./reach/check-reachable.js";
import { type ClusterWay, openClusterWay } from "./reach/cluster-way.js";
import { settleLoad } from "./reach/settle-load.js";
import type { RunControl } from "./run-control.js";
import { inheritedEnvironment } from "./services/inherited-environment.js";
import type { RunningServices } from "./services/services.js";
import { gatherCrew } from "./set-up/gather-crew.js";
import { openChecks, openSignals, warnOfSlowSignals } from "./set-up/open-checks.js";
import { openFaults } from "./set-up/open-faults.js";
import { openIds } from "./set-up/open-ids.js";
import { loadOfRun, openLoad, watchMachine } from "./set-up/open-load.js";
import { openServices } from "./set-up/open-services.js";
import type { SetUpOptions } from "./set-up/set-up-options.js";
import type { RunSignals } from "./signals/run-signals.js";

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
