import type { Cluster } from "../../kubernetes/cluster.js";
import { fieldAt, POD } from "../../kubernetes/objects.js";

const ASKED_WITHIN_MS = 5_000;

/** Which pods are asked, and where each answers. */
export interface PodsAsked {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly port: number;
  /** With the slash at its begin. */
  readonly path: string;
}

/**
 * What each running pod with these labels answers to a GET, by the pod's name. It goes through the API server.
 * @throws ClusterProblem when one of them does not answer in time, or a right is missing.
 */
export async function podPages(
  cluster: Cluster,
  { namespace, labels, port, path }: PodsAsked,
): Promise<ReadonlyMap<string, string>> {
  const { items } = await cluster.list(POD, { namespace, labels: labelsInWords(labels) });
  const running = items.filter((pod) => fieldAt(pod, ["status", "phase"]) === "Running");
  const pages = running.map(async ({ metadata: { name } }) => {
    const signal = AbortSignal.timeout(ASKED_WITHIN_MS);
    return [name, await cluster.podText({ namespace, name, port, path }, { signal })] as const;
  });
  return new Map(await Promise.all(pages));
}

/** "app=cart,tier=web": a label selector, and what people read. */
export function labelsInWords(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(",");
}
