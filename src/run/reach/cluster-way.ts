import type { ServiceWay } from "../../load/forward/open-forward.js";
import type { RunPlan } from "../../plan/run-plan.js";
import type { RunControl } from "../run-control.js";

/** The way of the load to a service in a cluster. */
export interface ClusterWay extends ServiceWay {
  /** As the scenario says it. */
  readonly url: string;
}

/**
 * Opens it. Only this process knows of it, and it ends with that.
 * @returns null when the load goes into no cluster.
 */
export async function openClusterWay(
  control: RunControl,
  { load, cluster, allowedHosts }: RunPlan,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ClusterWay | null> {
  const { url, isInCluster } = load.target;
  if (!isInCluster) return null;
  const { openForward } = await import("../../load/forward/open-forward.js");
  let opened: ServiceWay | null = null;
  control.teardown.add("port-forward", () => opened?.close());
  const opening = openForward(load.target, {
    context: cluster?.context ?? null,
    env,
    allowedHosts,
    onStatus: (text) => control.say(text),
    onLost: (reason) => control.spoil(reason),
  });
  const standing = opening.then(async (way) => {
    opened = way;
    // A run that is stopped does not wait for a cluster that answers late.
    if (control.teardown.started) await way.close();
    return way;
  });
  return { url, ...(await control.stop.unlessStopped(standing)) };
}
