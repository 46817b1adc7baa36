import type { Cluster } from "../cluster.js";
import { type ClusterObject, listAt, type ResourceKind, textAt } from "../objects.js";
import type { ObjectReference } from "../references/object-reference.js";
import type { Sent } from "../sender.js";

/** How far an object is. `why`: in the object's own words where it has some. */
export type Readiness =
  | { readonly kind: "ready" }
  | {
      readonly kind: "waiting";
      readonly why: string;
      /** Nothing is there that could become ready. */
      readonly isMissing: boolean;
    }
  /** It will not become so by itself. */
  | { readonly kind: "failed"; readonly why: string };

export const READY: Readiness = { kind: "ready" };

/** What it means for objects of one kind to be ready. */
export interface ReadyKind {
  readonly kind: ResourceKind;
  /** Whether it can be asked of all objects that a label selector means. */
  readonly takesLabels: boolean;
  /** What is asked for. `name` of null: all of them. */
  readonly reads: (reference: ObjectReference) => {
    readonly verb: "get" | "list";
    readonly kind: ResourceKind;
    readonly name: string | null;
  };
  /** @throws ClusterProblem */
  readonly look: (cluster: Cluster, reference: ObjectReference, sent: Sent) => Promise<Readiness>;
}

/** A kind whose objects say it themselves. */
export function ownReadiness(kind: ResourceKind, of: (object: ClusterObject) => Readiness): ReadyKind {
  return {
    kind,
    takesLabels: false,
    reads: ({ name }) => ({ verb: "get", kind, name }),
    look: async (cluster, { namespace, name }, sent) => {
      const object = await cluster.get({ kind, namespace, name: name ?? "" }, sent);
      return object === null ? missing("it is not there") : of(object);
    },
  };
}

export function waiting(why: string, said: string | null = null): Readiness {
  return { kind: "waiting", why: said === null ? why : `${why}: ${said}`, isMissing: false };
}

export function missing(why: string): Readiness {
  return { kind: "waiting", why, isMissing: true };
}

/** The message of a condition that has this status. @returns null when it has not. */
export function conditionText(object: ClusterObject, type: string, status: "True" | "False"): string | null {
  const found = listAt(object, "status", "conditions").find(
    (each) => textAt(each, "type") === type && textAt(each, "status") === status,
  );
  if (found === undefined) return null;
  return textAt(found, "message") || textAt(found, "reason") || type;
}
