import type { ObjectPlace, ResourceKind } from "../objects.js";

/** "/api/v1/namespaces/shop/pods" */
export function pathOfKind(
  { group, version, plural, isNamespaced }: ResourceKind,
  namespace: string | null,
): string {
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  const within = isNamespaced && namespace !== null ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  return `${root}${within}/${plural}`;
}

/** "/api/v1/namespaces/shop/pods/cart-1/eviction" */
export function pathOfObject({ kind, namespace, name }: ObjectPlace, subresource?: string): string {
  const within = `${pathOfKind(kind, namespace)}/${encodeURIComponent(name)}`;
  return subresource === undefined ? within : `${within}/${subresource}`;
}
