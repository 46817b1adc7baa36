import { isDeepStrictEqual } from "node:util";
import type { Changed, FieldToSet, Made, RunChanges } from "../../kubernetes/changes/run-changes.js";
import type { Cluster } from "../../kubernetes/cluster.js";
import {
  type ClusterObject,
  fieldAt,
  listAt,
  type ObjectPlace,
  placeInWords,
  placeOf,
  type ResourceKind,
} from "../../kubernetes/objects.js";
import { FaultlineError, messageOf } from "../../support/errors.js";
import { countedSince } from "../cluster/counted-since.js";
import type { PlacedFault } from "../cluster/placed-faults.js";
import { labelsInWords, podPages } from "../cluster/pod-pages.js";
import type { FaultAction } from "../fault-action.js";
import type { IstioSpec } from "../kinds/istio/istio-action.js";
import { type FaultedRoutes, faultedRoutes, faultOf, type NoPlace, ownRoutes } from "./faulted-routes.js";
import type { ClientsSeen, RouteFaultSeen } from "./proof.js";
import { NONE_SENT, type SentRequests, sentRequests } from "./sidecar-counters.js";
import { virtualServiceFor } from "./virtual-service.js";

const HTTP_ROUTES = ["spec", "http"] as const;
/** Where a sidecar has its metrics. */
const METRICS = { port: 15_090, path: "/stats/prometheus" } as const;
/** Somebody may change the routes between a look and the deed. */
const MOST_TRIES = 3;

export interface RouteFaultOptions {
  readonly action: FaultAction;
  readonly spec: IstioSpec;
  readonly cluster: Cluster;
  readonly changes: RunChanges;
  /** As the server serves it. */
  readonly kind: ResourceKind;
  /** Of the VirtualService, where one is made. */
  readonly name: string;
  /** Puts on the timeline what whoever reads the report should know. */
  readonly onEvent: (text: string) => void;
}

/** The fault of one action in a VirtualService: in one that is there, or in one that is made for it. */
export class RouteFault implements PlacedFault<RouteFaultSeen> {
  readonly #options: RouteFaultOptions;
  #done:
    | { readonly is: "made"; readonly deed: Made }
    | { readonly is: "changed"; readonly deed: Changed }
    | null = null;
  #before: ReadonlyMap<string, SentRequests> = new Map();

  constructor(options: RouteFaultOptions) {
    this.#options = options;
  }

  get action(): FaultAction {
    return this.#options.action;
  }

  /** Asks the server whether it would do it, and the sidecars whether they count. Changes nothing. @throws FaultlineError */
  async rehearse(): Promise<void> {
    const { changes, kind, spec, onEvent } = this.#options;
    const found = await this.#found();
    if (found === null) await changes.rehearseMake(kind, this.#own());
    else {
      const { http, retried } = this.#faulted(found);
      await changes.rehearseChange(placeOf(kind, found), [this.#set(http)]);
      if (spec.abort !== null && retried.length > 0) {
        const routes = retried.join(", ");
        onEvent(
          `${spec.host}: the retries of ${routes} do not try again what the fault of the same route answers`,
        );
      }
    }
    const counted = await this.#counts();
    if (counted.size > 0 || spec.clients === null) return;
    throw new FaultlineError(
      "KUBERNETES_UNFIT",
      `no pod in ${spec.namespace} has the labels ${labelsInWords(spec.clients)}`,
    );
  }

  async place(): Promise<void> {
    const { changes, kind } = this.#options;
    this.#before = await this.#counts();
    for (let tried = 1; ; tried += 1) {
      const found = await this.#found();
      if (found === null) {
        this.#done = { is: "made", deed: await changes.make(kind, this.#own()) };
        return;
      }
      const { http } = this.#faulted(found);
      const deed = await changes.change(placeOf(kind, found), [this.#set(http)]);
      this.#done = { is: "changed", deed };
      if (isDeepStrictEqual(routesOf(deed.before), routesOf(found))) return;
      // They were made of routes that are no longer these.
      await this.takeOut();
      if (tried === MOST_TRIES) {
        const message = `somebody keeps changing ${placeInWords(placeOf(kind, found))}`;
        throw new FaultlineError("FAULT_NOT_PLACED", message);
      }
    }
  }

  async seen(): Promise<RouteFaultSeen> {
    const { action, spec, cluster } = this.#options;
    const done = this.#done;
    if (done === null) throw new Error("nothing is in place");
    const { place } = done.deed.deed;
    const now = await cluster.get(place);
    const isSame = now !== null && now.metadata.uid === done.deed.object.metadata.uid;
    const routes = !isSame
      ? "removed"
      : isDeepStrictEqual(routesOf(now), routesOf(done.deed.object))
        ? "as_set"
        : "changed";
    return {
      target: action.target,
      spec,
      object: placeInWords(place),
      routes,
      isOfAll: listAt(done.deed.object, ...HTTP_ROUTES).every(
        (route) => fieldAt(route, ["fault"]) !== undefined,
      ),
      clients: await this.#clients(),
    };
  }

  /** Puts the routes back. A second call does nothing. */
  async takeOut(): Promise<void> {
    const done = this.#done;
    if (done === null) return;
    await this.#options.changes.takeBack(done.deed);
    this.#done = null;
  }

  #found(): Promise<ClusterObject | null> {
    const { cluster, kind, spec } = this.#options;
    return virtualServiceFor(cluster, kind, spec);
  }

  #own(): ClusterObject {
    const { name, spec } = this.#options;
    if (spec.route !== null) {
      const message = `there is no VirtualService for ${spec.host} in ${spec.namespace}, so it has no route "${spec.route}"`;
      throw new FaultlineError("KUBERNETES_UNFIT", message);
    }
    const http = ownRoutes(spec);
    return { metadata: { name, namespace: spec.namespace }, spec: { hosts: [spec.host], http } };
  }

  #set(http: FaultedRoutes["http"]): FieldToSet {
    // A route that had a fault before is refused.
    return { path: HTTP_ROUTES, set: http, laid: { key: "fault", own: faultOf(this.#options.spec) } };
  }

  #faulted(found: ClusterObject): FaultedRoutes {
    const { kind, spec } = this.#options;
    const faulted = faultedRoutes(listAt(found, ...HTTP_ROUTES), spec);
    if (!("id" in faulted)) return faulted;
    throw new FaultlineError("KUBERNETES_UNFIT", noPlaceText(faulted, placeOf(kind, found), spec));
  }

  async #clients(): Promise<ClientsSeen> {
    if (this.#options.spec.clients === null) return { kind: "not_asked" };
    try {
      const now = await this.#counts();
      return { kind: "counted", pods: now.size, sent: countedSince(this.#before, now, NONE_SENT) };
    } catch (error) {
      return { kind: "silent", why: messageOf(error) };
    }
  }

  /** By pod. Empty where no clients are named. */
  async #counts(): Promise<ReadonlyMap<string, SentRequests>> {
    const { cluster, spec } = this.#options;
    const { clients, namespace, host } = spec;
    if (clients === null) return new Map();
    const pages = await podPages(cluster, { namespace, labels: clients, ...METRICS });
    const counted = [...pages].map(([pod, page]) => [pod, sentRequests(page, host, namespace)] as const);
    return new Map(counted);
  }
}

function routesOf(object: ClusterObject): unknown {
  return fieldAt(object, HTTP_ROUTES);
}

function noPlaceText(none: NoPlace, place: ObjectPlace, { route }: IstioSpec): string {
  const words = placeInWords(place);
  switch (none.id) {
    case "no_http":
      return `${words} has no HTTP routes, so no request of it can fail`;
    case "no_route": {
      const known =
        none.known.length === 0 ? "None of its routes has a name" : `Its routes: ${none.known.join(", ")}`;
      return route === null
        ? `${words} has no HTTP route that leads to a service`
        : `${words} has no HTTP route "${route}" that leads to a service. ${known}`;
    }
    case "fault_there":
      return `${none.route} of ${words} has a fault already, which is somebody else's`;
  }
}
