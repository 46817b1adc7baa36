/** Something of a cluster that a fault acts on, and that has to be named under `kubernetes:` of the scenario. */
export interface ClusterUse {
  readonly list: "namespaces" | "nodes";
  readonly name: string;
  /** Where the fault says it, from the fault on. */
  readonly path: readonly (string | number)[];
}
