/** Kinds that a reference names by one word, as `kubectl get` does. */

import {
  AUTOSCALER,
  DEPLOYMENT,
  ENDPOINT_SLICE,
  LEASE,
  NETWORK_POLICY,
  POD,
  REPLICA_SET,
  type ResourceKind,
  SERVICE,
  STATEFUL_SET,
} from "../objects.js";

const namespaced = (group: string, version: string, kind: string, plural: string): ResourceKind => ({
  group,
  version,
  kind,
  plural,
  isNamespaced: true,
});

export const DAEMON_SET = namespaced("apps", "v1", "DaemonSet", "daemonsets");
export const JOB = namespaced("batch", "v1", "Job", "jobs");

const KNOWN: readonly ResourceKind[] = [
  DEPLOYMENT,
  STATEFUL_SET,
  DAEMON_SET,
  REPLICA_SET,
  JOB,
  namespaced("batch", "v1", "CronJob", "cronjobs"),
  POD,
  SERVICE,
  ENDPOINT_SLICE,
  namespaced("", "v1", "ConfigMap", "configmaps"),
  namespaced("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
  namespaced("networking.k8s.io", "v1", "Ingress", "ingresses"),
  namespaced("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets"),
  NETWORK_POLICY,
  AUTOSCALER,
  LEASE,
];

/** "deployment", as references name it. */
export function wordOfKind({ kind }: ResourceKind): string {
  return kind.toLowerCase();
}

export const KIND_WORDS: readonly string[] = KNOWN.map(wordOfKind);

/** PLURAL.VERSION.GROUP, as kubectl writes a kind in full: "certificates.v1.cert-manager.io". */
const IN_FULL = /^([a-z0-9-]+)\.(v\d+(?:(?:alpha|beta)\d+)?)\.([a-z0-9.-]+)$/;

/** @returns null for a word that is none. */
export function kindOfWord(word: string): ResourceKind | null {
  const known = KNOWN.find((kind) => wordOfKind(kind) === word || kind.plural === word);
  if (known !== undefined) return known;
  const [, plural, version, group] = IN_FULL.exec(word) ?? [];
  if (plural === undefined || version === undefined || group === undefined) return null;
  return { group, version, kind: plural, plural, isNamespaced: true };
}
