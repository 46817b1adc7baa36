/** Something of a cluster that a fault acts on, and that has to be named under `kubernetes:` of the scenario. */
export interface ClusterUse {
  readonly list: "namespaces" | "nodes";
  readonly name: string;
  /** Where the fault says it, from the fault on. */
  readonly path: readonly (string | number)[];
}

/** Code that a fault runs in a cluster. A scenario that is not trusted needs a grant of its own for it. */
export interface ClusterCode {
  /** What --allow-kubernetes has to name. */
  readonly grant: string;
  /** In words, after "gets": "no image `cart:broken`". */
  readonly what: string;
  readonly path: readonly (string | number)[];
}
