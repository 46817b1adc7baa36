/** Objects of a cluster, as its API server holds them: plain JSON, of which only the metadata has a type. */

/** What JSON can hold. */
export type ClusterJson =
  | string
  | number
  | boolean
  | null
  | readonly ClusterJson[]
  | { readonly [key: string]: ClusterJson };

/** A kind of object, as the paths of the API server name it. */
export interface ResourceKind {
  /** "" for the core group. */
  readonly group: string;
  readonly version: string;
  /** "NetworkPolicy" */
  readonly kind: string;
  /** "networkpolicies" */
  readonly plural: string;
  readonly isNamespaced: boolean;
}

export interface ObjectPlace {
  readonly kind: ResourceKind;
  /** null for what is in no namespace. */
  readonly namespace: string | null;
  readonly name: string;
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  /** Whether that owner makes a new one when this one is gone. */
  readonly controller?: boolean;
}

export interface ObjectMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  /** Changes with each change of the object. Compare it for being the same, and for nothing else. */
  readonly resourceVersion?: string;
  /** Counts the changes of `spec`. */
  readonly generation?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly creationTimestamp?: string;
  /** Being deleted since, and gone when its finalizers and its grace are over. */
  readonly deletionTimestamp?: string;
}

export interface ClusterObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMetadata;
  readonly spec?: unknown;
  readonly status?: unknown;
  readonly [key: string]: unknown;
}

const core = (kind: string, plural: string, isNamespaced = true): ResourceKind => ({
  group: "",
  version: "v1",
  kind,
  plural,
  isNamespaced,
});

export const POD = core("Pod", "pods");
export const NAMESPACE = core("Namespace", "namespaces", false);
export const NODE = core("Node", "nodes", false);
export const SERVICE = core("Service", "services");
export const ENDPOINT_SLICE: ResourceKind = {
  group: "discovery.k8s.io",
  version: "v1",
  kind: "EndpointSlice",
  plural: "endpointslices",
  isNamespaced: true,
};
export const DEPLOYMENT: ResourceKind = {
  group: "apps",
  version: "v1",
  kind: "Deployment",
  plural: "deployments",
  isNamespaced: true,
};
export const STATEFUL_SET: ResourceKind = {
  group: "apps",
  version: "v1",
  kind: "StatefulSet",
  plural: "statefulsets",
  isNamespaced: true,
};
export const REPLICA_SET: ResourceKind = {
  group: "apps",
  version: "v1",
  kind: "ReplicaSet",
  plural: "replicasets",
  isNamespaced: true,
};
export const NETWORK_POLICY: ResourceKind = {
  group: "networking.k8s.io",
  version: "v1",
  kind: "NetworkPolicy",
  plural: "networkpolicies",
  isNamespaced: true,
};
export const LEASE: ResourceKind = {
  group: "coordination.k8s.io",
  version: "v1",
  kind: "Lease",
  plural: "leases",
  isNamespaced: true,
};
export const AUTOSCALER: ResourceKind = {
  group: "autoscaling",
  version: "v2",
  kind: "HorizontalPodAutoscaler",
  plural: "horizontalpodautoscalers",
  isNamespaced: true,
};

/** "apps/v1", and "v1" for the core group. */
export function apiVersionOf({ group, version }: ResourceKind): string {
  return group === "" ? version : `${group}/${version}`;
}

export function placeOf(kind: ResourceKind, { metadata }: ClusterObject): ObjectPlace {
  return { kind, namespace: kind.isNamespaced ? (metadata.namespace ?? null) : null, name: metadata.name };
}

/** For people: "deployment shop/cart". */
export function placeInWords({ kind, namespace, name }: ObjectPlace): string {
  const what = kind.kind === "StatefulSet" ? "stateful set" : kind.kind.toLowerCase();
  return `${what} ${namespace === null ? "" : `${namespace}/`}${name}`;
}

/** A way into an object: keys, and in a list the element of this name. */
export type FieldPath = readonly (string | { readonly name: string })[];

/** @returns undefined when nothing is there. */
export function fieldAt(value: unknown, path: FieldPath): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  return fieldAt(typeof step === "string" ? keyIn(value, step) : namedIn(value, step.name), rest);
}

/** @returns undefined when it is another value, or not there. */
export function numberAt(value: unknown, ...path: FieldPath): number | undefined {
  const found = fieldAt(value, path);
  return typeof found === "number" ? found : undefined;
}

/** @returns undefined when it is another value, or not there. */
export function textAt(value: unknown, ...path: FieldPath): string | undefined {
  const found = fieldAt(value, path);
  return typeof found === "string" ? found : undefined;
}

/** @returns an empty list when it is another value, or not there. */
export function listAt(value: unknown, ...path: FieldPath): readonly unknown[] {
  const found = fieldAt(value, path);
  return Array.isArray(found) ? found : [];
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether an answer is an object that has a name. */
export function isClusterObject(value: unknown): value is ClusterObject {
  return isObject(value) && isObject(value.metadata) && typeof value.metadata.name === "string";
}

function keyIn(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function namedIn(value: unknown, name: string): unknown {
  return Array.isArray(value) ? value.find((each) => keyIn(each, "name") === name) : undefined;
}
