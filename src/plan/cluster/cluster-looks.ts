/** What a run looks at in a cluster, and the rights that this takes. */

import { NAMESPACE, POD, type ResourceKind } from "../../kubernetes/objects.js";
import { readyKindOf } from "../../kubernetes/readiness/ready-kinds.js";
import {
  isReferenceText,
  type ObjectReference,
  referenceIn,
} from "../../kubernetes/references/object-reference.js";
import type { Right } from "../../kubernetes/rights.js";
import type { CheckSpec } from "../checks/check-spec.js";

export interface ClusterLooks {
  /** A context of the kubeconfig. null: its current one, or the service account of the pod that faultline runs in. */
  readonly context: string | null;
  /** Namespaces whose pods are watched. */
  readonly watch: readonly string[];
  /** Objects that have to be ready before anything is started. */
  readonly ready: readonly ObjectReference[];
  /** For all of them. */
  readonly readyTimeoutMs: number;
}

/** What of a plan tells it. */
interface LookingPlan {
  readonly clusterLooks: ClusterLooks;
  readonly checks: readonly Pick<CheckSpec, "ask">[];
  readonly services: readonly { readonly ready: string | null }[];
}

export function looksAtCluster(plan: LookingPlan): boolean {
  return plan.clusterLooks.watch.length > 0 || awaited(plan).length > 0 || checked(plan).length > 0;
}

/** Each right that its looks need, and no other. */
export function looksRights(plan: LookingPlan): readonly Right[] {
  return [
    ...plan.clusterLooks.watch.flatMap((namespace) => [
      right("get", NAMESPACE, namespace, namespace),
      right("list", POD, namespace, null),
      right("watch", POD, namespace, null),
    ]),
    ...awaited(plan).flatMap((reference) => {
      const reads = readyKindOf(reference)?.reads(reference);
      return reads ? [right(reads.verb, reads.kind, reference.namespace, reads.name)] : [];
    }),
    ...checked(plan).map(({ kind, namespace, name }) => right("get", kind, namespace, name)),
  ];
}

/** Those by which a namespace that is not there is told from an object that is not. Without them, objects are waited for. */
export function looksWishes(plan: LookingPlan): readonly Right[] {
  return [...awaited(plan), ...checked(plan)].map(({ namespace }) =>
    right("get", NAMESPACE, namespace, namespace),
  );
}

function right(verb: string, { group, plural }: ResourceKind, namespace: string, name: string | null): Right {
  return { verb, group, resource: plural, namespace, ...(name === null ? {} : { name }) };
}

/** What is waited for, by the scenario and its services. */
function awaited({ clusterLooks, services }: LookingPlan): readonly ObjectReference[] {
  const ofServices = services.flatMap(({ ready }) =>
    ready !== null && isReferenceText(ready) ? [referenceIn(ready)] : [],
  );
  return [...clusterLooks.ready, ...ofServices];
}

function checked({ checks }: LookingPlan): readonly ObjectReference[] {
  return checks.flatMap(({ ask }) => (ask.kind === "kubernetes" ? [ask.object] : []));
}
