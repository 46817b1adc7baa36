/** What somebody may do in a cluster, as its RBAC says it. */

import { fieldAt } from "./objects.js";

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

/** Asks the server whether whoever asks has it. */
export function reviewOf({ verb, group, resource, namespace, name }: Right): unknown {
  const [kind = "", subresource] = resource.split("/");
  const resourceAttributes = {
    verb,
    group,
    resource: kind,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === null ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
  return {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: { resourceAttributes },
  };
}

/** Whether the answer to such a question is no. */
export function isRefused(review: unknown): boolean {
  return fieldAt(review, ["status", "allowed"]) !== true;
}
