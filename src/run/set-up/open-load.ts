import { randomBytes } from "node:crypto";
import type { ComposedFaults } from "../../faults/compose.js";
import type { Crew } from "../../load/distributed/crew.js";
import type { LiveSample, LoadSession } from "../../load/session.js";
import { startLoad } from "../../load/start-load.js";
import type { LiveTrace } from "../../measure/run-in-progress.js";
import type { LoadPlan } from "../../plan/load-plan.js";
import type { RunPlan } from "../../plan/run-plan.js";
import { addressOf, formatAddress } from "../../support/address.js";
import { MachineWatch } from "../machine/machine-watch.js";
import { AbortMonitor } from "../phases/abort-monitor.js";
import type { ClusterWay } from "../reach/cluster-way.js";
import type { RunControl } from "../run-control.js";
import type { RunningServices } from "../services/services.js";

/** What is of this run alone. */
export function loadOfRun(load: LoadPlan, ids: LoadPlan["ids"] | null, way: ClusterWay | null): LoadPlan {
  const { tracing } = load;
  return {
    ...load,
    ...(way ? { target: way.target } : {}),
    ...(ids ? { ids } : {}),
    ...(tracing ? { tracing: { ...tracing, runKey: randomBytes(16).toString("hex") } } : {}),
  };
}

/** Starts the load threads, here or at the workers. They send nothing yet. */
export function openLoad(
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

/** Watches what this machine has left, and whom its processes keep waiting. */
export function watchMachine(
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
