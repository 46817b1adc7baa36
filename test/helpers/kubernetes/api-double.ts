/**
 * An API server of Kubernetes that holds its objects in memory, for flows and failures. What it answers was compared with a
 * real one by hand: scripts/real-kube-apiserver.sh, docs/compatibility.md.
 */

import { mkdtempSync, writeFileSync } from "node:fs";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { stringify } from "yaml";
import { makeAuthority, makeServerCertificate } from "../../../src/faults/tls/certificates/certificate.js";
import {
  AUTOSCALER,
  apiVersionOf,
  type ClusterObject,
  DEPLOYMENT,
  ENDPOINT_SLICE,
  fieldAt,
  isObject,
  LEASE,
  listAt,
  NAMESPACE,
  NETWORK_POLICY,
  NODE,
  numberAt,
  POD,
  REPLICA_SET,
  type ResourceKind,
  SERVICE,
  STATEFUL_SET,
  textAt,
} from "../../../src/kubernetes/objects.js";
import { DAEMON_SET, JOB } from "../../../src/kubernetes/references/known-kinds.js";
import type { Right } from "../../../src/kubernetes/rights.js";
import { Controllers } from "./controllers.js";
import { ObjectStore, type StoredEvent } from "./object-store.js";
import { matchesFields, matchesLabels, mergePatched } from "./selectors.js";

export interface ApiDoubleOptions {
  /** Beside those that it knows. */
  readonly kinds?: readonly ResourceKind[];
  /** Speaks TLS, with a certificate of an authority of its own. */
  readonly tls?: boolean;
  /** Whoever asks needs this token. null: nobody has to say who they are. */
  readonly token?: string | null;
  /** Namespaces that are there from the beginning. */
  readonly namespaces?: readonly string[];
  /** How long a pod takes to become ready, and to end. */
  readonly podMs?: number;
}

export interface SeenRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly headers: IncomingMessage["headers"];
}

/** What a test lets happen to a request instead of its answer. */
export type Instead =
  | "cut"
  | "hang"
  /** The head of a good answer, and nothing more. */
  | "silent"
  | { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> };

const KINDS: readonly ResourceKind[] = [
  POD,
  NAMESPACE,
  NODE,
  SERVICE,
  DEPLOYMENT,
  STATEFUL_SET,
  REPLICA_SET,
  NETWORK_POLICY,
  LEASE,
  AUTOSCALER,
  DAEMON_SET,
  JOB,
  ENDPOINT_SLICE,
];

/** A request for another protocol, which may be answered as one likes. */
export interface UpgradeAsked {
  readonly seen: SeenRequest;
  readonly pod: ClusterObject;
  readonly socket: Duplex;
}

export async function startApiDouble(options: ApiDoubleOptions = {}): Promise<ApiDouble> {
  const now = Date.now();
  const validity = { notBefore: new Date(now - 3.6e6), notAfter: new Date(now + 8.64e7) };
  const authority = options.tls ? await makeAuthority("test cluster", validity) : null;
  const pair = authority
    ? await makeServerCertificate(authority, ["127.0.0.1", "localhost"], validity)
    : null;
  const double = new ApiDouble(options, authority?.pem ?? null);
  await double.listen(pair);
  return double;
}

export class ApiDouble {
  readonly store = new ObjectStore();
  readonly requests: SeenRequest[] = [];
  /** PEM of its authority. null: it speaks no TLS. */
  readonly ca: string | null;
  readonly folder = mkdtempSync(join(tmpdir(), "faultline-kube-"));
  /** Path of a kubeconfig that leads here. */
  readonly kubeconfig = join(this.folder, "config");
  /** Decides of each request whether something else happens to it. null: it is answered. */
  instead: (request: SeenRequest) => Instead | null = () => null;
  /** Whether a request is done, and its answer lost on the way. */
  lose: (request: SeenRequest) => boolean = () => false;
  /** Rights that requests needed: "patch deployments/scale". Questions for rights need none. */
  readonly exercised = new Set<string>();
  /** RBAC: what may be done. */
  may: (right: Right) => boolean = () => true;
  /** An admission webhook. A text: it refuses. */
  admits: (operation: string, kind: ResourceKind, object: ClusterObject) => string | null = () => null;
  /** A PodDisruptionBudget. false: the pod has to stay for now. */
  mayEvict: (pod: ClusterObject) => boolean = () => true;
  /** Takes what is to become a WebSocket to a pod. null: the server has none. */
  upgrades: ((asked: UpgradeAsked) => void) | null = null;
  readonly controllers: Controllers;
  readonly #options: ApiDoubleOptions;
  readonly #kinds: ResourceKind[];
  #server: http.Server | null = null;
  readonly #sockets = new Set<Socket>();
  readonly #watches = new Set<ServerResponse>();
  readonly #reactions: { readonly kind: ResourceKind; readonly react: (object: ClusterObject) => void }[] =
    [];

  constructor(options: ApiDoubleOptions, ca: string | null) {
    this.#options = options;
    this.#kinds = [...KINDS, ...(options.kinds ?? [])];
    this.ca = ca;
    this.controllers = new Controllers(this.store, options.podMs ?? 50);
    for (const name of ["kube-system", "default", ...(options.namespaces ?? ["shop"])]) {
      this.store.put(NAMESPACE, { metadata: { name } });
    }
    this.store.onEvent(({ type, kind, object }) => {
      if (type === "DELETED") return;
      const { deletionTimestamp, namespace = null, name } = object.metadata;
      if (
        deletionTimestamp !== undefined &&
        kind !== POD &&
        listAt(object, "metadata", "finalizers").length === 0
      ) {
        this.store.remove(kind, namespace, name);
        return;
      }
      const own = this.#reactions.filter((each) => each.kind === kind || each.kind.plural === kind.plural);
      for (const { react } of own) setImmediate(() => react(object));
    });
  }

  get url(): string {
    const address = this.#server?.address();
    const port = typeof address === "object" ? address?.port : 0;
    return `${this.ca === null ? "http" : "https"}://127.0.0.1:${port}`;
  }

  /** The environment of whoever uses this cluster. */
  get env(): Record<string, string> {
    return { KUBECONFIG: this.kubeconfig, HOME: this.folder, PATH: process.env.PATH ?? "" };
  }

  async listen(pair: { readonly cert: string; readonly key: string } | null): Promise<void> {
    const answer = (request: IncomingMessage, response: ServerResponse) =>
      void this.#answer(request, response);
    const server = pair
      ? https.createServer({ ...pair, requestCert: true, rejectUnauthorized: false }, answer)
      : http.createServer(answer);
    server.on("upgrade", (request: IncomingMessage, socket: Duplex) => this.#upgrade(request, socket));
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.#server = server;
    this.writeKubeconfig();
  }

  /** Writes the kubeconfig anew. `user`: what it says of who asks. */
  writeKubeconfig(user: Record<string, unknown> = this.#user(), cluster: Record<string, unknown> = {}): void {
    const ca =
      this.ca === null ? {} : { "certificate-authority-data": Buffer.from(this.ca).toString("base64") };
    const config = {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "test",
      clusters: [{ name: "double", cluster: { server: this.url, ...ca, ...cluster } }],
      users: [{ name: "tester", user }],
      contexts: [{ name: "test", context: { cluster: "double", user: "tester", namespace: "shop" } }],
    };
    writeFileSync(this.kubeconfig, stringify(config));
  }

  #user(): Record<string, unknown> {
    const { token = null } = this.#options;
    return token === null ? {} : { token };
  }

  /** Puts an object there, as if somebody else had. */
  put(kind: ResourceKind, object: ClusterObject): ClusterObject {
    return this.store.put(kind, object);
  }

  get(kind: ResourceKind, namespace: string | null, name: string): ClusterObject | undefined {
    return this.store.get(kind, namespace, name);
  }

  /** Plays a controller: is told of each state of objects of this kind. */
  react(kind: ResourceKind, react: (object: ClusterObject) => void): void {
    this.#reactions.push({ kind, react });
  }

  /** Ends all watches that are open, in the middle of a line. */
  cutWatches(): void {
    for (const response of this.#watches) {
      response.write('{"type":"MODI');
      response.socket?.destroy();
    }
    this.#watches.clear();
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  get openSockets(): number {
    return this.#sockets.size;
  }

  async close(): Promise<void> {
    this.controllers.stop();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://x");
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString("utf8");
    const seen: SeenRequest = {
      method: request.method ?? "",
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      body: text === "" ? undefined : JSON.parse(text),
      headers: request.headers,
    };
    this.requests.push(seen);
    const instead = this.instead(seen);
    if (instead === "hang") return;
    if (instead === "silent") {
      response.writeHead(200, { "Content-Type": "application/json" });
      response.flushHeaders();
      return;
    }
    if (instead === "cut") {
      request.socket.destroy();
      return;
    }
    if (instead !== null) {
      send(
        response,
        instead.status,
        instead.body ?? status(instead.status, "Failure", "made to fail"),
        instead.headers,
      );
      return;
    }
    if (!this.#knows(request)) {
      send(response, 401, status(401, "Unauthorized", "Unauthorized"));
      return;
    }
    const isLost = this.lose(seen);
    try {
      const reply = this.#route(seen, response);
      if (isLost) request.socket.destroy();
      else if (reply !== null) send(response, reply.code, reply.body);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (isLost) request.socket.destroy();
      else send(response, error.body.code, error.body);
    }
  }

  /** As a real one from v1.35 on: a WebSocket needs `get` and `create`. */
  #upgrade(request: IncomingMessage, socket: Duplex): void {
    const url = new URL(request.url ?? "/", "http://x");
    const { headers } = request;
    const query = Object.fromEntries(url.searchParams);
    const seen: SeenRequest = { method: "GET", path: url.pathname, query, body: undefined, headers };
    this.requests.push(seen);
    socket.on("error", () => {});
    const refuse = (code: number, body: unknown) => {
      const text = JSON.stringify(body);
      socket.end(
        `HTTP/1.1 ${code} Refused\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
      );
    };
    const instead = this.instead(seen);
    if (instead === "hang" || instead === "silent") return;
    if (instead === "cut") {
      socket.destroy();
      return;
    }
    if (instead !== null) {
      refuse(instead.status, instead.body ?? status(instead.status, "Failure", "made to fail"));
      return;
    }
    try {
      if (!this.#knows(request)) throw new Refusal(401, "Unauthorized", "Unauthorized");
      const target = this.#target(seen.path);
      if (target === null || this.upgrades === null) throw new Refusal(404, "NotFound", "page not found");
      this.#authorize(seen, target);
      try {
        this.#authorize({ ...seen, method: "POST" }, target);
      } catch {
        throw new Refusal(403, "Forbidden", `pods "${target.name}" is forbidden: `);
      }
      const pod = this.store.get(POD, target.namespace, target.name ?? "");
      if (pod === undefined) throw notFound(POD, target.name ?? "");
      this.upgrades({ seen, pod, socket });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refuse(error.body.code, error.body);
    }
  }

  #knows({ headers, socket }: IncomingMessage): boolean {
    const { token = null } = this.#options;
    if (token === null) return true;
    const hasCertificate = (socket as Partial<TLSSocket>).getPeerCertificate?.()?.subject !== undefined;
    return hasCertificate || headers.authorization === `Bearer ${token}`;
  }

  /** @returns null when it goes on answering by itself. */
  #route(seen: SeenRequest, response: ServerResponse): Reply | null {
    if (seen.path.endsWith("/selfsubjectaccessreviews")) return this.#review(seen);
    const discovery = /^\/(?:api|apis\/([^/]+))\/([^/]+)$/.exec(seen.path);
    if (discovery) return this.#discover(discovery[1] ?? "", discovery[2] ?? "");
    const ofGroup = /^\/(?:api|apis\/([^/]+))$/.exec(seen.path);
    if (ofGroup) return this.#discoverGroup(ofGroup[1] ?? "");
    const target = this.#target(seen.path);
    if (target === null) return { code: 404, body: "404 page not found" };
    this.#authorize(seen, target);
    const { kind, name, subresource } = target;
    if (seen.method === "GET" && name === null) {
      if (seen.query.watch === undefined) return this.#list(seen, target);
      this.#watch(seen, target, response);
      return null;
    }
    if (seen.method === "POST" && subresource === "eviction") return this.#evict(seen, target);
    if (seen.method === "POST") return { code: 201, body: this.#create(seen, target) };
    const object = this.store.get(kind, target.namespace, name ?? "");
    if (object === undefined) throw notFound(kind, name ?? "");
    if (subresource === "scale") return ok(this.#scale(seen, target, object));
    if (seen.method === "GET") return ok(object);
    if (seen.method === "PATCH") return ok(this.#patch(seen, target, object));
    if (seen.method === "DELETE") return ok(this.#delete(seen, target, object));
    throw new Refusal(405, "MethodNotAllowed", "the server does not allow this method");
  }

  #target(path: string): Target | null {
    const match =
      /^\/(?:api|apis\/(?<group>[^/]+))\/(?<version>[^/]+)(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<plural>[^/]+)(?:\/(?<name>[^/]+)(?:\/(?<subresource>[^/]+))?)?$/.exec(
        path,
      );
    const { group = "", version, namespace, plural, name, subresource } = match?.groups ?? {};
    // A namespace itself is an object, too.
    const own = /^\/api\/v1\/namespaces\/([^/]+)$/.exec(path);
    if (own) return { kind: NAMESPACE, namespace: null, name: own[1] ?? "", subresource: null };
    const kind = this.#kinds.find(
      (each) => each.group === group && each.version === version && each.plural === plural,
    );
    if (!kind) return null;
    return { kind, namespace: namespace ?? null, name: name ?? null, subresource: subresource ?? null };
  }

  #authorize({ method, query }: SeenRequest, { kind, namespace, name, subresource }: Target): void {
    const one: Readonly<Record<string, string>> = {
      GET: "get",
      POST: "create",
      PATCH: "patch",
      DELETE: "delete",
    };
    const verb =
      method === "GET" && name === null
        ? query.watch === undefined
          ? "list"
          : "watch"
        : (one[method] ?? "?");
    const resource = subresource === null ? kind.plural : `${kind.plural}/${subresource}`;
    const within = kind === NAMESPACE ? name : namespace;
    this.exercised.add(`${verb} ${resource}`);
    if (
      this.may({ verb, group: kind.group, resource, namespace: within, ...(name === null ? {} : { name }) })
    )
      return;
    const where = within === null ? "at the cluster scope" : `in the namespace "${within}"`;
    const message = `${kind.plural}${name === null ? "" : ` "${name}"`} is forbidden: User "tester" cannot ${verb} resource "${resource}" in API group "${kind.group}" ${where}`;
    throw new Refusal(403, "Forbidden", message, { name: name ?? "", kind: kind.plural, group: kind.group });
  }

  #review({ body }: SeenRequest): Reply {
    const of = fieldAt(body, ["spec", "resourceAttributes"]);
    const subresource = textAt(of, "subresource");
    const name = textAt(of, "name");
    const right: Right = {
      verb: textAt(of, "verb") ?? "",
      group: textAt(of, "group") ?? "",
      resource: `${textAt(of, "resource")}${subresource === undefined ? "" : `/${subresource}`}`,
      namespace: textAt(of, "namespace") ?? null,
      ...(name === undefined ? {} : { name }),
    };
    return { code: 201, body: { ...(isObject(body) ? body : {}), status: { allowed: this.may(right) } } };
  }

  #discoverGroup(group: string): Reply {
    const versions = [
      ...new Set(this.#kinds.filter((kind) => kind.group === group).map(({ version }) => version)),
    ];
    if (versions.length === 0) return { code: 404, body: "404 page not found" };
    if (group === "") return { code: 200, body: { kind: "APIVersions", versions } };
    const each = versions.map((version) => ({ groupVersion: `${group}/${version}`, version }));
    return { code: 200, body: { kind: "APIGroup", apiVersion: "v1", name: group, versions: each } };
  }

  #discover(group: string, version: string): Reply {
    const served = this.#kinds.filter((kind) => kind.group === group && kind.version === version);
    if (served.length === 0) return { code: 404, body: "404 page not found" };
    const resources = served.map(({ plural, kind, isNamespaced }) => ({
      name: plural,
      kind,
      namespaced: isNamespaced,
    }));
    return ok({ kind: "APIResourceList", groupVersion: version, resources });
  }

  #list({ query }: SeenRequest, { kind, namespace }: Target): Reply {
    const all = this.#matching(this.store.list(kind, namespace), query);
    const from = Number(query.continue ?? 0);
    const limit = Number(query.limit ?? all.length);
    const more = from + limit < all.length ? { continue: String(from + limit) } : {};
    return ok({
      kind: `${kind.kind}List`,
      apiVersion: apiVersionOf(kind),
      metadata: { resourceVersion: String(this.store.version), ...more },
      items: all.slice(from, from + limit),
    });
  }

  #matching(objects: readonly ClusterObject[], query: SeenRequest["query"]): ClusterObject[] {
    return objects.filter(
      (object) =>
        matchesLabels(object, query.labelSelector ?? null) &&
        matchesFields(object, query.fieldSelector ?? null),
    );
  }

  #watch({ query }: SeenRequest, { kind, namespace }: Target, response: ServerResponse): void {
    const from = Number(query.resourceVersion ?? 0);
    if (from < this.store.historyFrom) {
      throw new Refusal(410, "Expired", `too old resource version: ${from} (${this.store.historyFrom})`);
    }
    response.writeHead(200, { "Content-Type": "application/json" });
    response.flushHeaders();
    const tell = (event: StoredEvent) => {
      if (event.kind.plural !== kind.plural || event.version <= from) return;
      if (namespace !== null && event.object.metadata.namespace !== namespace) return;
      if (this.#matching([event.object], query).length === 0) return;
      response.write(`${JSON.stringify({ type: event.type, object: event.object })}\n`);
    };
    for (const event of this.store.history) tell(event);
    const off = this.store.onEvent(tell);
    this.#watches.add(response);
    const end = () => {
      off();
      clearTimeout(timer);
      this.#watches.delete(response);
    };
    const timer = setTimeout(() => response.end(), 1000 * Number(query.timeoutSeconds ?? 60)).unref();
    response.once("close", end);
  }

  #create({ body, query }: SeenRequest, { kind, namespace }: Target): ClusterObject {
    const object = body as ClusterObject;
    if (kind.isNamespaced && this.store.get(NAMESPACE, null, namespace ?? "") === undefined)
      throw notFound(NAMESPACE, namespace ?? "");
    const { name } = object.metadata;
    if (this.store.get(kind, namespace, name) !== undefined) {
      throw new Refusal(409, "AlreadyExists", `${kind.plural} "${name}" already exists`, {
        name,
        kind: kind.plural,
      });
    }
    this.#admit("CREATE", kind, object);
    return query.dryRun === "All" ? object : this.store.put(kind, withNamespace(object, namespace));
  }

  #patch(seen: SeenRequest, { kind, namespace }: Target, object: ClusterObject): ClusterObject {
    const type = seen.headers["content-type"];
    if (type !== "application/merge-patch+json") {
      throw new Refusal(
        415,
        "UnsupportedMediaType",
        `the body of the request was in an unknown format - ${type}`,
      );
    }
    const patched = mergePatched(object, seen.body) as ClusterObject;
    checkVersion(kind, object, patched.metadata.resourceVersion);
    this.#admit("UPDATE", kind, patched);
    if (seen.query.dryRun === "All") return patched;
    return this.store.put(kind, withNamespace(patched, namespace));
  }

  #scale({ method, body, query }: SeenRequest, { kind, namespace }: Target, object: ClusterObject): unknown {
    const shown = (of: ClusterObject) => ({
      apiVersion: "autoscaling/v1",
      kind: "Scale",
      metadata: {
        name: of.metadata.name,
        namespace,
        uid: of.metadata.uid,
        resourceVersion: of.metadata.resourceVersion,
      },
      // As a real one: what is 0 is left out.
      spec: numberAt(of, "spec", "replicas") === 0 ? {} : { replicas: numberAt(of, "spec", "replicas") ?? 1 },
      status: { replicas: numberAt(of, "status", "replicas") ?? 0 },
    });
    if (method === "GET") return shown(object);
    checkVersion(kind, object, textAt(body, "metadata", "resourceVersion"));
    const replicas = numberAt(body, "spec", "replicas");
    const next = mergePatched(object, { spec: { replicas } }) as ClusterObject;
    this.#admit("UPDATE", kind, next);
    return shown(query.dryRun === "All" ? next : this.store.put(kind, next));
  }

  #delete({ body, query }: SeenRequest, { kind, namespace, name }: Target, object: ClusterObject): unknown {
    const uid = textAt(body, "preconditions", "uid");
    if (uid !== undefined && uid !== object.metadata.uid) {
      throw new Refusal(409, "Conflict", `the UID in the precondition (${uid}) does not match`);
    }
    checkVersion(kind, object, textAt(body, "preconditions", "resourceVersion"));
    this.#admit("DELETE", kind, object);
    const isDry = query.dryRun === "All" || fieldAt(body, ["dryRun"]) !== undefined;
    if (!isDry) this.#end(kind, namespace, name ?? "", numberAt(body, "gracePeriodSeconds"));
    return kind === POD ? object : status(200, "Success", "");
  }

  #end(kind: ResourceKind, namespace: string | null, name: string, graceS: number | undefined): void {
    const object = this.store.get(kind, namespace, name);
    if (kind === POD) this.controllers.endPod(namespace ?? "", name, graceS);
    else if (object && listAt(object, "metadata", "finalizers").length > 0) {
      // It goes when the last of them is gone.
      const deletionTimestamp = object.metadata.deletionTimestamp ?? new Date().toISOString();
      this.store.put(kind, { ...object, metadata: { ...object.metadata, deletionTimestamp } });
    } else this.store.remove(kind, namespace, name);
  }

  #evict({ body, query }: SeenRequest, { namespace, name }: Target): Reply {
    const pod = this.store.get(POD, namespace, name ?? "");
    if (!pod) throw notFound(POD, name ?? "");
    if (!this.mayEvict(pod)) {
      const message = "Cannot evict pod as it would violate the pod's disruption budget.";
      const causes = [
        {
          reason: "DisruptionBudget",
          message: "The disruption budget cart needs 1 healthy pods and has 1 currently",
        },
      ];
      throw new Refusal(429, "TooManyRequests", message, { causes });
    }
    const isDry = query.dryRun === "All" || fieldAt(body, ["deleteOptions", "dryRun"]) !== undefined;
    if (!isDry)
      this.controllers.endPod(
        namespace ?? "",
        name ?? "",
        numberAt(body, "deleteOptions", "gracePeriodSeconds"),
      );
    return { code: 201, body: status(201, "Success", "") };
  }

  #admit(operation: string, kind: ResourceKind, object: ClusterObject): void {
    const why = this.admits(operation, kind, object);
    if (why !== null)
      throw new Refusal(403, "Forbidden", `admission webhook "policy.test" denied the request: ${why}`);
  }
}

interface Target {
  readonly kind: ResourceKind;
  readonly namespace: string | null;
  readonly name: string | null;
  readonly subresource: string | null;
}

interface Reply {
  readonly code: number;
  readonly body: unknown;
}

function ok(body: unknown): Reply {
  return { code: 200, body };
}

class Refusal extends Error {
  readonly body: ReturnType<typeof status>;

  constructor(code: number, reason: string, message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.body = status(code, reason, message, details);
  }
}

function status(code: number, reason: string, message: string, details: Record<string, unknown> = {}) {
  const result = code < 300 ? "Success" : "Failure";
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: result, message, reason, details, code };
}

function notFound({ plural, group }: ResourceKind, name: string): Refusal {
  return new Refusal(404, "NotFound", `${plural} "${name}" not found`, { name, kind: plural, group });
}

function checkVersion(
  { plural }: ResourceKind,
  { metadata }: ClusterObject,
  version: string | undefined,
): void {
  if (version === undefined || version === metadata.resourceVersion) return;
  const message = `Operation cannot be fulfilled on ${plural} "${metadata.name}": the object has been modified; please apply your changes to the latest version and try again`;
  throw new Refusal(409, "Conflict", message, { name: metadata.name, kind: plural });
}

function withNamespace(object: ClusterObject, namespace: string | null): ClusterObject {
  return namespace === null ? object : { ...object, metadata: { ...object.metadata, namespace } };
}

function send(
  response: ServerResponse,
  code: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const isText = typeof body === "string";
  response.writeHead(code, { "Content-Type": isText ? "text/plain" : "application/json", ...headers });
  response.end(isText ? body : JSON.stringify(body));
}
