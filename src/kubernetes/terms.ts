/** What a scenario says of the cluster under `kubernetes:`. Nothing else of a cluster is touched. */
export interface ClusterTerms {
  /** A context of the kubeconfig. null: its current one, or the service account of the pod that faultline runs in. */
  readonly context: string | null;
  /** Faults act in these namespaces alone. */
  readonly namespaces: readonly string[];
  /** Nodes that may be cordoned and drained. */
  readonly nodes: readonly string[];
}

/** A run with faults in a cluster and no terms for them cannot be planned: the checks of scenarios refuse it. */
export function termsFor(driver: string, terms: ClusterTerms | null): ClusterTerms {
  if (terms === null) throw new Error(`the driver "${driver}" was told of no cluster`);
  return terms;
}
