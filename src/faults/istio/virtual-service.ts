import type { Cluster } from "../../kubernetes/cluster.js";
import { type ClusterObject, listAt, type ResourceKind } from "../../kubernetes/objects.js";
import { FaultlineError } from "../../support/errors.js";

const GROUP = "networking.istio.io";

export const VIRTUAL_SERVICE: ResourceKind = {
  group: GROUP,
  version: "v1",
  kind: "VirtualService",
  plural: "virtualservices",
  isNamespaced: true,
};

/** v1 is served since Istio 1.22. @throws FaultlineError KUBERNETES_MISSING */
export async function servedVirtualServices(cluster: Cluster): Promise<ResourceKind> {
  for (const version of ["v1", "v1beta1"]) {
    const kind = { ...VIRTUAL_SERVICE, version };
    if (await cluster.serves(kind)) return kind;
  }
  const message = `${cluster.words} serves no VirtualService of ${GROUP}: is Istio installed there?`;
  throw new FaultlineError("KUBERNETES_MISSING", message);
}

/**
 * The one VirtualService of the namespace that is for the host.
 * @returns null when there is none.
 * @throws FaultlineError KUBERNETES_UNFIT when there are several: which of them counts, only Istio knows.
 */
export async function virtualServiceFor(
  cluster: Cluster,
  kind: ResourceKind,
  { namespace, host }: { readonly namespace: string; readonly host: string },
): Promise<ClusterObject | null> {
  const { items } = await cluster.list(kind, { namespace });
  const wanted = wholeHost(host, namespace);
  const found = items.filter((item) =>
    listAt(item, "spec", "hosts").some((each) => wholeHost(String(each), namespace) === wanted),
  );
  const [first, second] = found;
  if (first === undefined) return null;
  if (second === undefined) return first;
  const names = found.map(({ metadata }) => metadata.name).join(", ");
  const message = `${cluster.words} has several VirtualServices for ${host} in ${namespace}: ${names}`;
  throw new FaultlineError("KUBERNETES_UNFIT", message);
}

/** "payments", "payments.shop" and "payments.shop.svc" are one host. Any other name is what it says. */
export function wholeHost(host: string, namespace: string): string {
  const own = host.replace(/\.svc(?:\..*)?$/, "");
  return own.includes(".") ? own : `${own}.${namespace}`;
}
