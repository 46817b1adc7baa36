import { Patience, sleep } from "../support/clock.js";
import type { ClusterAccess } from "./access/access.js";
import { askedOf, askedOfKind, writing } from "./asking.js";
import { type Eviction, evictPod } from "./eviction.js";
import { openPodSocket, type PodSocket } from "./forward/pod-socket.js";
import { type ListWhere, listAll, watchAll } from "./lists.js";
import { lackingRights } from "./missing-rights.js";
import {
  apiVersionOf,
  type ClusterObject,
  isClusterObject,
  listAt,
  type ObjectPlace,
  POD,
  type ResourceKind,
  textAt,
} from "./objects.js";
import { type AskedOfCluster, ClusterProblem, isProblem } from "./problem.js";
import type { Right } from "./rights.js";
import { Sender, type Sent } from "./sender.js";
import { pathOfKind, pathOfObject } from "./wire/api-paths.js";
import type { ListedPart, WatchEvent, WatchMore } from "./wire/watch-list.js";

/** What a journal holds of a cluster: no credentials. Whoever opens it again must meet the same server. */
export interface ClusterRef {
  readonly context: string | null;
  /** Absolute paths. null: the service account of the pod. */
  readonly files: readonly string[] | null;
  readonly server: string;
}

/** So long it is tried again what the server does not take for now, or what got no answer and may be done twice. */
const PATIENCE_MS = 30_000;
const LOOK_MS = 200;

/** As whom fields are set. */
const FIELD_MANAGER = "faultline";

/** An API server, and all that is asked of it. Limits of time hold for everything. */
export class Cluster {
  readonly ref: ClusterRef;
  /** For people: `cluster "kind-shop" (https://127.0.0.1:6443)`. */
  readonly words: string;
  readonly #sender: Sender;

  constructor(access: ClusterAccess, { patienceMs = PATIENCE_MS }: { readonly patienceMs?: number } = {}) {
    const { context, files, server } = access;
    this.ref = { context, files, server: server.href };
    this.words = `${context === null ? "the cluster of this pod" : `cluster "${context}"`} (${server.origin})`;
    this.#sender = new Sender(access, this.words, patienceMs);
  }

  /** @returns null when there is no object of that name. @throws ClusterProblem when its kind or namespace is missing. */
  async get(
    place: ObjectPlace,
    sent: Sent & { readonly subresource?: string } = {},
  ): Promise<ClusterObject | null> {
    const { subresource } = sent;
    const asked = askedOf("get", place, subresource);
    try {
      return this.#objectOf(
        await this.#sender.send(asked, { method: "GET", path: pathOfObject(place, subresource) }, sent),
      );
    } catch (error) {
      if (isProblem(error, "not_found")) return null;
      throw error;
    }
  }

  /** All of them, page by page. A namespace that is missing has none. */
  list(kind: ResourceKind, where: ListWhere, sent: Sent = {}): Promise<ListedPart> {
    return listAll(this.#sender, kind, where, sent);
  }

  /**
   * First what is there as ADDED, then each change. It goes on after cuts, and lists anew when the server has forgotten where it
   * was. Ends with `signal`.
   * @throws ClusterProblem for a right or kind that is missing.
   */
  watch(
    kind: ResourceKind,
    where: ListWhere,
    signal: AbortSignal,
    more?: WatchMore,
  ): AsyncIterable<WatchEvent> {
    return watchAll(this.#sender, kind, where, signal, more);
  }

  /** An unknown or doubled field is refused. */
  async create(kind: ResourceKind, object: ClusterObject, sent: Sent = {}): Promise<ClusterObject> {
    const namespace = kind.isNamespaced ? (object.metadata.namespace ?? null) : null;
    const asked = { ...askedOfKind("create", kind, namespace), name: object.metadata.name };
    const body = { apiVersion: apiVersionOf(kind), kind: kind.kind, ...object };
    const query = { fieldManager: FIELD_MANAGER, ...writing(sent) };
    return this.#objectOf(
      await this.#sender.send(
        asked,
        { method: "POST", path: pathOfKind(kind, namespace), query, body },
        sent,
      ),
    );
  }

  /**
   * Lays `body` over the object (RFC 7386). With `metadata.resourceVersion` in it the object has to be that of this
   * version, else it is a conflict.
   */
  async patch(
    place: ObjectPlace,
    body: object,
    sent: Sent & { readonly subresource?: string } = {},
  ): Promise<ClusterObject> {
    const { subresource } = sent;
    const query = { fieldManager: FIELD_MANAGER, ...writing(sent) };
    const path = pathOfObject(place, subresource);
    const contentType = "application/merge-patch+json";
    const asked = askedOf("patch", place, subresource);
    return this.#objectOf(
      await this.#sender.send(asked, { method: "PATCH", path, query, body, contentType }, sent),
    );
  }

  /**
   * @param sent `graceS`: how long a pod may take to end; 0 kills it. With `uid` and `resourceVersion` it has to be this very
   *   object, else it is a conflict.
   * @returns false when it was not there. What is gone after a try without an answer was deleted by that.
   */
  async delete(
    place: ObjectPlace,
    sent: Sent & { readonly graceS?: number; readonly uid?: string; readonly resourceVersion?: string } = {},
  ): Promise<boolean> {
    const { graceS, uid, resourceVersion } = sent;
    const preconditions = {
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    };
    const body = {
      apiVersion: "v1",
      kind: "DeleteOptions",
      ...(graceS === undefined ? {} : { gracePeriodSeconds: graceS }),
      ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
      ...(sent.dryRun ? { dryRun: ["All"] } : {}),
    };
    try {
      await this.#sender.send(
        askedOf("delete", place),
        { method: "DELETE", path: pathOfObject(place), body },
        sent,
      );
      return true;
    } catch (error) {
      if (isProblem(error, "not_found")) return error.facts.isInDoubt === true;
      throw error;
    }
  }

  /** Asks a pod to leave, where its PodDisruptionBudget lets it. */
  evict(
    place: ObjectPlace,
    sent: Sent & { readonly graceS?: number; readonly uid?: string } = {},
  ): Promise<Eviction> {
    return evictPod(this.#sender, place, sent);
  }

  /**
   * Looks at one object again and again.
   * @param is asked of each state; undefined: it is not there.
   * @returns null when it did not become so in time.
   */
  async until(
    place: ObjectPlace,
    is: (object: ClusterObject | undefined) => boolean,
    { withinMs, signal }: { readonly withinMs: number; readonly signal?: AbortSignal },
  ): Promise<{ readonly object: ClusterObject | undefined } | null> {
    const patience = new Patience(withinMs);
    try {
      for (;;) {
        const object = (await this.get(place, signal === undefined ? {} : { signal })) ?? undefined;
        if (is(object)) return { object };
        if (patience.leftMs === 0) return null;
        await sleep(Math.min(LOOK_MS, patience.leftMs), signal);
      }
    } finally {
      patience.end();
    }
  }

  /** Of these rights those that are missing. */
  lacking(rights: readonly Right[], sent: Sent = {}): Promise<readonly Right[]> {
    return lackingRights(this.#sender, rights, sent);
  }

  /**
   * What a pod answers to a GET at one of its ports, through the API server.
   * @param path with the slash at its begin.
   */
  async podText(
    { namespace, name, port, path }: { namespace: string; name: string; port: number; path: string },
    sent: Sent = {},
  ): Promise<string> {
    const asked: AskedOfCluster = { verb: "get", group: "", resource: "pods/proxy", namespace, name };
    const target = `${pathOfObject({ kind: POD, namespace, name: `${name}:${port}` })}/proxy${path}`;
    const body = await this.#sender.send(asked, { method: "GET", path: target }, sent);
    return typeof body === "string" ? body : JSON.stringify(body);
  }

  /** A WebSocket to a port of a pod, through the API server. It is asked for once. */
  forward(
    place: { readonly namespace: string; readonly name: string; readonly port: number },
    sent: Sent = {},
  ): Promise<PodSocket> {
    return openPodSocket(this.#sender, place, sent);
  }

  /** Whether the server serves this kind, in this version. */
  async serves(
    { group, version, plural }: Pick<ResourceKind, "group" | "version" | "plural">,
    sent: Sent = {},
  ): Promise<boolean> {
    const path = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
    const asked: AskedOfCluster = { verb: "get", group, resource: "", namespace: null, name: null };
    try {
      const found = await this.#sender.send(asked, { method: "GET", path }, sent);
      return listAt(found, "resources").some((each) => textAt(each, "name") === plural);
    } catch (error) {
      if (isProblem(error, "no_kind")) return false;
      throw error;
    }
  }

  /** Whether the server serves a resource of this name, in any version. */
  async servesAny(
    { group, plural }: Pick<ResourceKind, "group" | "plural">,
    sent: Sent = {},
  ): Promise<boolean> {
    const asked: AskedOfCluster = { verb: "get", group, resource: "", namespace: null, name: null };
    try {
      const path = group === "" ? "/api" : `/apis/${group}`;
      const found = await this.#sender.send(asked, { method: "GET", path }, sent);
      const named = listAt(found, "versions").map((each) =>
        typeof each === "string" ? each : (textAt(each, "version") ?? ""),
      );
      for (const version of named) if (await this.serves({ group, version, plural }, sent)) return true;
      return false;
    } catch (error) {
      if (isProblem(error, "no_kind")) return false;
      throw error;
    }
  }

  /** Ends its connections, and a plug-in that is still at work for credentials. */
  close(): Promise<void> {
    return this.#sender.close();
  }

  #objectOf(value: unknown): ClusterObject {
    if (isClusterObject(value)) return value;
    const facts = { id: "server", status: 200, asked: null, said: null } as const;
    throw new ClusterProblem(facts, `${this.words} answered with what is no object`);
  }
}
