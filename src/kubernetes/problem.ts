import { type ErrorCode, FaultlineError } from "../support/errors.js";
import { oneLine } from "../support/printable.js";
import { isObject, listAt, textAt } from "./objects.js";

/** What was asked of the API server. */
export interface AskedOfCluster {
  /** "get", "list", "watch", "create", "patch", "delete" */
  readonly verb: string;
  readonly group: string;
  /** With its sub-resource: "pods", "deployments/scale". "" for what is no resource. */
  readonly resource: string;
  /** null: all of them, or what is in none. */
  readonly namespace: string | null;
  /** null: no single one. */
  readonly name: string | null;
}

export type ClusterProblemId =
  /** No kubeconfig, or one that cannot be used. */
  | "config"
  | "unreachable"
  | "untrusted"
  | "unauthorized"
  /** The right to do it is missing. */
  | "forbidden"
  /** The server serves no such kind of objects, or not in this version. */
  | "no_kind"
  | "no_namespace"
  | "not_found"
  /** Somebody else has changed the object meanwhile. */
  | "conflict"
  | "exists"
  /** The server finds the object wrong. */
  | "invalid"
  /** An admission webhook, a quota or a policy has said no. */
  | "refused"
  | "throttled"
  /** What was being watched is too old to be told. */
  | "gone"
  /** The server has failed by itself. */
  | "server"
  | "late";

export interface ClusterProblemFacts {
  readonly id: ClusterProblemId;
  /** null: no answer. */
  readonly status: number | null;
  /** null: it is about no single request. */
  readonly asked: AskedOfCluster | null;
  /** In the server's words. null: it said nothing. */
  readonly said: string | null;
  /** Whether a try before this answer got none, and may have been done. */
  readonly isInDoubt?: boolean;
}

const CODES: Readonly<Record<ClusterProblemId, ErrorCode>> = {
  config: "KUBECONFIG_INVALID",
  unreachable: "KUBERNETES_UNREACHABLE",
  untrusted: "KUBERNETES_UNREACHABLE",
  late: "KUBERNETES_UNREACHABLE",
  server: "KUBERNETES_UNREACHABLE",
  unauthorized: "KUBERNETES_UNAUTHORIZED",
  forbidden: "KUBERNETES_FORBIDDEN",
  no_kind: "KUBERNETES_MISSING",
  no_namespace: "KUBERNETES_MISSING",
  not_found: "KUBERNETES_MISSING",
  conflict: "KUBERNETES_REFUSED",
  exists: "KUBERNETES_REFUSED",
  invalid: "KUBERNETES_REFUSED",
  refused: "KUBERNETES_REFUSED",
  throttled: "KUBERNETES_REFUSED",
  gone: "KUBERNETES_REFUSED",
};

/** Whatever goes wrong between faultline and an API server. */
export class ClusterProblem extends FaultlineError {
  readonly facts: ClusterProblemFacts;

  constructor(facts: ClusterProblemFacts, message: string, options?: { cause?: unknown }) {
    super(CODES[facts.id], message, options);
    this.facts = facts;
  }
}

/** The same, after a try that may have been done. */
export function inDoubt(problem: ClusterProblem): ClusterProblem {
  return new ClusterProblem({ ...problem.facts, isInDoubt: true }, problem.message, { cause: problem.cause });
}

/** A kubeconfig that is not there, or that cannot be used. */
export function configProblem(message: string): ClusterProblem {
  return new ClusterProblem({ id: "config", status: null, asked: null, said: null }, message);
}

export function isProblem(error: unknown, ...ids: readonly ClusterProblemId[]): error is ClusterProblem {
  return error instanceof ClusterProblem && ids.includes(error.facts.id);
}

/** What an answer that is no success means. `cluster`: for people. */
export function clusterProblemOf(
  status: number,
  body: unknown,
  asked: AskedOfCluster,
  cluster: string,
): ClusterProblem {
  const said = textAt(body, "message") ?? null;
  const id = idOf(status, body, asked);
  return new ClusterProblem({ id, status, asked, said }, messageFor(id, status, asked, said, cluster));
}

/** No answer came. @param why words that name no address: "nothing listens there". */
export function noAnswerProblem(
  id: "unreachable" | "untrusted" | "late",
  why: string,
  asked: AskedOfCluster,
  cluster: string,
): ClusterProblem {
  return new ClusterProblem({ id, status: null, asked, said: null }, `${cluster}: ${why}`);
}

function idOf(status: number, body: unknown, { name }: AskedOfCluster): ClusterProblemId {
  switch (status) {
    case 401:
      return "unauthorized";
    case 403:
      return isMissingRight(body) ? "forbidden" : "refused";
    case 404:
      return whatIsMissing(body, name);
    case 409:
      return textAt(body, "reason") === "AlreadyExists" ? "exists" : "conflict";
    case 410:
      return "gone";
    case 429:
      return "throttled";
    default:
      if (status >= 500) return isWebhookTrouble(body) ? "refused" : "server";
      return "invalid";
  }
}

/**
 * A quota, a policy and a webhook refuse with the same status as a missing right. Only the server's words tell them apart:
 * `User "x" cannot delete resource "pods" in API group "" in the namespace "shop"`.
 */
function isMissingRight(body: unknown): boolean {
  const said = textAt(body, "message") ?? "";
  return (
    said === "" ||
    isBareRefusal(body) ||
    (/\bcannot \w+ (?:resource|path)\b/.test(said) && !/^admission webhook "/.test(said))
  );
}

/** Only that it is refused, as where a server asks for a right by itself: `pods "cart-1" is forbidden: `. */
export function isBareRefusal(body: unknown): boolean {
  return / is forbidden:\s*$/.test(textAt(body, "message") ?? "");
}

/** The server could not ask a webhook, whose `failurePolicy` is Fail. */
function isWebhookTrouble(body: unknown): boolean {
  return /\bfailed calling webhook\b/.test(textAt(body, "message") ?? "");
}

function whatIsMissing(body: unknown, name: string | null): ClusterProblemId {
  // A path that the server does not know gets a text instead of a Status.
  if (!isObject(body)) return "no_kind";
  const missing = textAt(body, "details", "name");
  if (missing === undefined || missing === "") return "no_kind";
  return textAt(body, "details", "kind") === "namespaces" && missing !== name ? "no_namespace" : "not_found";
}

function messageFor(
  id: ClusterProblemId,
  status: number,
  asked: AskedOfCluster,
  said: string | null,
  cluster: string,
): string {
  const words = said === null ? "" : `: ${oneLine(said)}`;
  switch (id) {
    case "unauthorized":
      return `${cluster} does not know who asks (401): its credentials are wrong or have ended`;
    case "forbidden":
      return `${cluster}: the right is missing to ${rightInWords(asked)}${words}`;
    case "no_kind":
      return `${cluster} serves no ${asked.resource}${asked.group === "" ? "" : ` of ${asked.group}`} in the version that is used`;
    case "no_namespace":
      return `${cluster} has no namespace "${asked.namespace}"`;
    case "not_found":
      return `${cluster} has no ${objectInWords(asked)}`;
    case "exists":
      return `${cluster} has ${objectInWords(asked)} already`;
    case "conflict":
      return `${cluster}: ${objectInWords(asked)} was changed by somebody else meanwhile`;
    case "throttled":
      return `${cluster} takes no further requests for now (429)${words}`;
    case "server":
      return `${cluster} failed (${status}) when it was to ${rightInWords(asked)}${words}`;
    default:
      return `${cluster} refused to ${rightInWords(asked)} (${status})${words}`;
  }
}

/** "delete pods in namespace shop" */
export function rightInWords({
  verb,
  group,
  resource,
  namespace,
}: Pick<AskedOfCluster, "verb" | "group" | "resource" | "namespace">): string {
  const of = group === "" ? resource : `${resource}.${group}`;
  return `${verb} ${of}${namespace === null ? "" : ` in namespace ${namespace}`}`;
}

function objectInWords({ resource, namespace, name }: AskedOfCluster): string {
  return `${resource} ${namespace === null ? "" : `${namespace}/`}${name ?? ""}`.trim();
}

/** Whether a PodDisruptionBudget keeps a pod from being evicted now. */
export function isDisruptionBudget(body: unknown): boolean {
  return listAt(body, "details", "causes").some((cause) => textAt(cause, "reason") === "DisruptionBudget");
}
