import type { Cluster } from "./cluster.js";
import { NAMESPACE } from "./objects.js";
import { ClusterProblem, isProblem } from "./problem.js";
import type { Sent } from "./sender.js";

/** "unseen": whoever asks may not know. */
export type NamespaceSight = "there" | "missing" | "unseen";

/** @throws ClusterProblem */
export async function refuseMissingNamespace(cluster: Cluster, name: string): Promise<void> {
  if (!(await stands(cluster, name))) throw noNamespace(cluster, name);
}

/** @throws ClusterProblem */
export async function namespaceSeen(
  cluster: Cluster,
  name: string,
  sent: Sent = {},
): Promise<NamespaceSight> {
  try {
    return (await stands(cluster, name, sent)) ? "there" : "missing";
  } catch (error) {
    if (isProblem(error, "forbidden", "refused")) return "unseen";
    throw error;
  }
}

export function noNamespace(cluster: Cluster, name: string): ClusterProblem {
  const facts = { id: "no_namespace", status: 404, asked: null, said: null } as const;
  return new ClusterProblem(facts, `${cluster.words} has no namespace "${name}"`);
}

async function stands(cluster: Cluster, name: string, sent: Sent = {}): Promise<boolean> {
  return (await cluster.get({ kind: NAMESPACE, namespace: null, name }, sent)) !== null;
}
