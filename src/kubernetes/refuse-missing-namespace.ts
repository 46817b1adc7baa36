import type { Cluster } from "./cluster.js";
import { NAMESPACE } from "./objects.js";
import { ClusterProblem } from "./problem.js";

/** @throws ClusterProblem */
export async function refuseMissingNamespace(cluster: Cluster, name: string): Promise<void> {
  if ((await cluster.get({ kind: NAMESPACE, namespace: null, name })) !== null) return;
  const facts = { id: "no_namespace", status: 404, asked: null, said: null } as const;
  throw new ClusterProblem(facts, `${cluster.words} has no namespace "${name}"`);
}
