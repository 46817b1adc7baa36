/** Parts of requests: what is asked for, as problems tell it, and how the server is to write. */

import type { ObjectPlace, ResourceKind } from "./objects.js";
import type { AskedOfCluster } from "./problem.js";
import type { Sent } from "./sender.js";

export function askedOf(
  verb: string,
  { kind, namespace, name }: ObjectPlace,
  subresource?: string,
): AskedOfCluster {
  const { resource, ...rest } = askedOfKind(verb, kind, namespace);
  return { ...rest, resource: subresource === undefined ? resource : `${resource}/${subresource}`, name };
}

export function askedOfKind(
  verb: string,
  { group, plural, isNamespaced }: ResourceKind,
  namespace: string | null,
): AskedOfCluster {
  return { verb, group, resource: plural, namespace: isNamespaced ? namespace : null, name: null };
}

/** The query of what writes: an unknown or doubled field is refused. */
export function writing({ dryRun }: Sent): Record<string, string> {
  return { fieldValidation: "Strict", ...(dryRun ? { dryRun: "All" } : {}) };
}
