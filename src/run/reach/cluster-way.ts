import type { ServiceWay } from "../../load/forward/open-forward.js";
import { shortestTimeoutMs } from "../../plan/load-mix.js";
import type { RunPlan } from "../../plan/run-plan.js";
import { FaultlineError } from "../../support/errors.js";
import type { RunControl } from "../run-control.js";
import { UnreachableError } from "./reachable.js";

/** The way of the load to a service in a cluster. */
export interface ClusterWay extends ServiceWay {
  /** As the scenario says it. */
  readonly url: string;
}

/**
 * Opens it. Only this process knows of it, and it ends with that.
 * @returns null when the load goes into no cluster.
 * @throws ClusterProblem, FaultlineError HOST_NOT_ALLOWED, UnreachableError TARGET_UNREACHABLE
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
    stopping: control.stop.signal,
    shortestTimeoutMs: shortestTimeoutMs(load),
    onStatus: (text) => control.say(text),
    onLost: (reason) => control.spoil(reason),
  });
  const standing = opening.then(async (way) => {
    opened = way;
    // A run that is stopped does not wait for a cluster that answers late.
    if (control.teardown.started) await way.close();
    return way;
  });
  try {
    return { url, ...(await control.stop.unlessStopped(standing)) };
  } catch (error) {
    throw placed(error);
  }
}

/** The scenario says where the target is written. */
function placed(error: unknown): unknown {
  if (!(error instanceof FaultlineError) || error.code !== "TARGET_UNREACHABLE") return error;
  const remedy =
    "`kubectl get service,endpointslices -n NAMESPACE` shows services with their ports, and the pods behind them; docs/kubernetes.md says what such a target needs.";
  return new UnreachableError("TARGET_UNREACHABLE", { kind: "target" }, error.message, remedy);
}
