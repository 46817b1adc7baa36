import type { Cluster } from "../../kubernetes/cluster.js";
import { refuseMissingNamespace } from "../../kubernetes/namespaces.js";
import { openCluster } from "../../kubernetes/open-cluster.js";
import { isProblem } from "../../kubernetes/problem.js";
import { referenceIn, referenceText } from "../../kubernetes/references/object-reference.js";
import { refuseMissingRights } from "../../kubernetes/refuse-missing-rights.js";
import { looksRights } from "../../plan/cluster/cluster-looks.js";
import type { RunPlan } from "../../plan/run-plan.js";
import { UnreachableError } from "../reach/reachable.js";
import type { RunControl } from "../run-control.js";
import type { ReadyCheck } from "../services/readiness.js";
import { awaitObjects, objectCheck } from "./object-check.js";
import type { RunPods } from "./run-pods.js";
import { watchPods } from "./watch-pods.js";

type Env = Readonly<Record<string, string | undefined>>;

/** What a run asks of the cluster that it looks at. */
export interface OpenedLooks {
  readonly cluster: Cluster;
  /** Whether the object that a service names in `ready` is ready. */
  readonly objectCheck: (reference: string) => ReadyCheck;
  /** From now on the pods that the scenario names are told of. @returns null when it names none. @throws ClusterProblem */
  watchPods(): Promise<RunPods | null>;
}

/**
 * Opens the cluster that a scenario looks at, asks for the namespaces and rights that this needs, and waits for the objects that
 * have to be ready. The run's teardown closes it.
 * @throws ClusterProblem, FaultlineError HOST_NOT_ALLOWED, KUBERNETES_NOT_READY
 */
export async function openForLooks(control: RunControl, plan: RunPlan, env: Env): Promise<OpenedLooks> {
  const { clusterLooks, allowedHosts } = plan;
  const cluster = await openCluster(clusterLooks, { env, allowedHosts, stopping: control.stop.signal });
  control.teardown.add("connections to the cluster", () => cluster.close());
  control.say(`looking at ${cluster.words}`);
  const { stop } = control;
  await stop.unlessStopped(refuseMissingRights(cluster, looksRights(plan)));
  for (const [index, name] of clusterLooks.watch.entries())
    await stop.unlessStopped(refuseMissingNamespace(cluster, name)).catch((error: unknown) => {
      if (!isProblem(error, "no_namespace")) throw error;
      const place = { kind: "inCluster", list: "watch", index } as const;
      throw new UnreachableError(error.code, place, error.message, error.hint ?? "");
    });
  const { ready, readyTimeoutMs } = clusterLooks;
  if (ready.length > 0) {
    control.say(`waiting for ${ready.map(referenceText).join(", ")}`);
    await stop.unlessStopped(awaitObjects(cluster, ready, readyTimeoutMs, stop.signal));
  }
  return {
    cluster,
    objectCheck: (reference) => objectCheck(cluster, referenceIn(reference)),
    watchPods: () => watchPods(control, clusterLooks.watch, cluster),
  };
}
