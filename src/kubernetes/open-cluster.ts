import { findAccess, refuseElsewhere } from "./access/find-access.js";
import { Cluster, type ClusterRef } from "./cluster.js";
import { configProblem } from "./problem.js";

type Env = Readonly<Record<string, string | undefined>>;

interface ClusterChoice {
  /** A context of the kubeconfig. null: its current one, or the service account of the pod. */
  readonly context: string | null;
}

/** The cluster that a user means. Nothing is sent yet. @throws ClusterProblem, FaultlineError HOST_NOT_ALLOWED */
export async function openCluster(
  { context }: ClusterChoice,
  {
    env,
    allowedHosts,
    stopping,
    ...limits
  }: {
    readonly env: Env;
    readonly allowedHosts: readonly string[];
    readonly patienceMs?: number;
    /** The run is to end. */
    readonly stopping?: AbortSignal | undefined;
  },
): Promise<Cluster> {
  const access = await findAccess({ context, env, cwd: process.cwd(), files: null, stopping });
  refuseElsewhere(access, allowedHosts);
  return new Cluster(access, limits);
}

/** The cluster that a journal names. @throws ClusterProblem where its kubeconfig leads elsewhere by now. */
export async function reopenCluster(
  ref: ClusterRef,
  { env, ...limits }: { readonly env: Env; readonly patienceMs?: number },
): Promise<Cluster> {
  const access = await findAccess({
    ...{ context: ref.context, env, cwd: "/", files: ref.files },
    isPod: ref.files === null,
  });
  if (access.server.href !== ref.server) {
    throw configProblem(
      `the kubeconfig leads to ${access.server.href} now, and the run was at ${ref.server}`,
    );
  }
  return new Cluster(access, limits);
}
