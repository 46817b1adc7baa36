/** What drivers that act in clusters do first, each in the same way. */

import type { Cluster } from "../../kubernetes/cluster.js";
import { refuseMissingNamespace } from "../../kubernetes/namespaces.js";
import { LEASE, NAMESPACE } from "../../kubernetes/objects.js";
import { openCluster } from "../../kubernetes/open-cluster.js";
import { refuseMissingRights } from "../../kubernetes/refuse-missing-rights.js";
import type { Right } from "../../kubernetes/rights.js";
import { type ClusterTerms, termsFor } from "../../kubernetes/terms.js";
import type { DriverContext } from "../fault-driver.js";
import type { RightsFor } from "./rights-for.js";

export interface OpenedCluster {
  readonly cluster: Cluster;
  readonly terms: ClusterTerms;
  /** Where the lease of the run is. */
  readonly leaseNamespace: string;
}

/**
 * Opens the cluster that the scenario means, and looks whether it has the namespaces and gives the rights that the actions
 * need. Nothing is changed.
 * @throws ClusterProblem, FaultlineError HOST_NOT_ALLOWED
 */
export async function openForFaults(
  driver: string,
  rightsFor: RightsFor,
  { cluster: said, actions, env, allowedHosts, stopping, onStatus }: DriverContext,
): Promise<OpenedCluster> {
  const terms = termsFor(driver, said);
  const [leaseNamespace] = terms.namespaces;
  // The checks refuse such a scenario, with its place.
  if (leaseNamespace === undefined) throw new Error(`the driver "${driver}" may act in no namespace`);
  const cluster = await openCluster(terms, { env, allowedHosts, stopping });
  try {
    onStatus(`looking at ${cluster.words}`);
    await refuseMissingRights(cluster, withCommonRights(rightsFor(actions, terms), terms));
    for (const name of terms.namespaces) await refuseMissingNamespace(cluster, name);
  } catch (error) {
    await cluster.close();
    throw error;
  }
  return { cluster, terms, leaseNamespace };
}

/** That the namespaces are there, and the lease by which the run is known in the cluster. */
export function withCommonRights(rights: readonly Right[], { namespaces }: ClusterTerms): readonly Right[] {
  const [own] = namespaces;
  const { group, plural: resource } = NAMESPACE;
  return [
    ...namespaces.map((name) => ({ verb: "get", group, resource, namespace: name, name })),
    ...namespaces.flatMap((namespace) => leaseRights(["list", "delete"], namespace)),
    ...(own === undefined ? [] : leaseRights(["create", "patch"], own)),
    ...rights,
  ];
}

function leaseRights(verbs: readonly string[], namespace: string): readonly Right[] {
  return verbs.map((verb) => ({ verb, group: LEASE.group, resource: LEASE.plural, namespace }));
}
