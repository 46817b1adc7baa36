/** A real kube-apiserver, where scripts/real-kube-apiserver.sh has started one. */

import { test } from "vitest";
import { parseAllDocuments } from "yaml";
import type { ClusterAccess } from "../../../src/kubernetes/access/access.js";
import { findAccess } from "../../../src/kubernetes/access/find-access.js";
import { Cluster } from "../../../src/kubernetes/cluster.js";
import { type ClusterObject, placeOf, type ResourceKind } from "../../../src/kubernetes/objects.js";
import { rbacManifests } from "../../../src/kubernetes/rbac.js";
import type { Right } from "../../../src/kubernetes/rights.js";

/** Kubeconfigs: of somebody who may do anything, and of somebody who may do what `grant` lets them. */
export const admin = process.env.FAULTLINE_REAL_KUBE;
export const tester = process.env.FAULTLINE_REAL_KUBE_TESTER;
export const real = test.skipIf(admin === undefined || tester === undefined);

export function accessOf(kubeconfig = ""): Promise<ClusterAccess> {
  return findAccess({ context: null, env: {}, cwd: "/", files: [kubeconfig] });
}

export async function clusterFor(
  kubeconfig: string | undefined,
  limits: { readonly patienceMs?: number } = {},
): Promise<Cluster> {
  return new Cluster(await accessOf(kubeconfig), limits);
}

const RBAC_KINDS = [
  rbacKind("Role", true),
  rbacKind("RoleBinding", true),
  rbacKind("ClusterRole", false),
  rbacKind("ClusterRoleBinding", false),
];

function rbacKind(kind: string, isNamespaced: boolean): ResourceKind {
  const plural = `${kind.toLowerCase()}s`;
  return { group: "rbac.authorization.k8s.io", version: "v1", kind, plural, isNamespaced };
}

/** Gives the tester these rights and no others, by what `faultline rbac` prints. */
export async function grant(cluster: Cluster, rights: readonly Right[]): Promise<void> {
  const text = rbacManifests(rights, { kind: "User", name: "tester" }, "faultline");
  for (const document of parseAllDocuments(text)) {
    const object = document.toJS() as ClusterObject;
    const of = RBAC_KINDS.find((each) => each.kind === object.kind);
    if (!of) continue;
    await cluster.delete(placeOf(of, object));
    await cluster.create(of, object);
  }
}
