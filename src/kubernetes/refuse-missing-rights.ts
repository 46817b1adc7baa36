import type { Cluster } from "./cluster.js";
import { ClusterProblem, isProblem, rightInWords } from "./problem.js";
import type { Right } from "./rights.js";

/**
 * Asks before anything is done. A right on what the server does not serve is not missing: nothing can be asked for there.
 * @throws ClusterProblem that names each right which is missing.
 */
export async function refuseMissingRights(cluster: Cluster, rights: readonly Right[]): Promise<void> {
  let lacking: readonly Right[];
  try {
    lacking = await onServed(cluster, await cluster.lacking(rights));
  } catch (error) {
    // Not even that may be asked. What is done then says what it lacks.
    if (isProblem(error, "forbidden")) return;
    throw error;
  }
  if (lacking.length === 0) return;
  const facts = { id: "forbidden", status: null, asked: null, said: null } as const;
  const words = [...new Set(lacking.map(rightInWords))].join("; ");
  throw new ClusterProblem(facts, `${cluster.words}: rights are missing: ${words}`);
}

async function onServed(cluster: Cluster, rights: readonly Right[]): Promise<readonly Right[]> {
  const serves = new Map<string, Promise<boolean>>();
  const served = rights.map(({ group, resource }) => {
    const [plural = ""] = resource.split("/");
    const key = `${plural}.${group}`;
    // Where that cannot be told, the right is missing.
    const asked = serves.get(key) ?? cluster.servesAny({ group, plural }).catch(() => true);
    serves.set(key, asked);
    return asked;
  });
  const isServed = await Promise.all(served);
  return rights.filter((_, index) => isServed[index]);
}
