/** What somebody may do in a cluster, as its RBAC says it. */

export interface Right {
  readonly verb: string;
  /** "" for the core group. */
  readonly group: string;
  /** With its sub-resource: "pods", "deployments/scale". */
  readonly resource: string;
  /** null: of what is in no namespace. */
  readonly namespace: string | null;
  /** The one object that it is about. Missing: all of them. */
  readonly name?: string;
}
