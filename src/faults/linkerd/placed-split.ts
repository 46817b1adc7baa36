import { isDeepStrictEqual } from "node:util";
import type { Changed, FieldToSet, Made, RunChanges } from "../../kubernetes/changes/run-changes.js";
import type { Cluster } from "../../kubernetes/cluster.js";
import {
  type ClusterJson,
  type ClusterObject,
  fieldAt,
  listAt,
  type ObjectPlace,
  placeInWords,
  placeOf,
  type ResourceKind,
} from "../../kubernetes/objects.js";
import { monotonicMs } from "../../support/clock.js";
import { FaultlineError, messageOf } from "../../support/errors.js";
import { countedSince } from "../cluster/counted-since.js";
import type { PlacedFault } from "../cluster/placed-faults.js";
import { labelsInWords, podPages } from "../cluster/pod-pages.js";
import type { FaultAction } from "../fault-action.js";
import type { LinkerdSpec } from "../kinds/linkerd/linkerd-action.js";
import { type CalledService, calledService, retriesOf } from "./called-service.js";
import { faultedRules, ownRules, type Split, type UnplacedSplit } from "./faulted-rules.js";
import { httpRouteKind, type MeshKinds } from "./mesh-kinds.js";
import type { RouteJson } from "./narrowed-match.js";
import type { ProxiesSeen, SplitSeen } from "./proof.js";
import { NONE_ROUTED, PROXY_METRICS, type RoutedRequests, routedRequests } from "./proxy-counters.js";
import { type RouteState, routeState, SAYS_NOTHING } from "./route-status.js";

const RULES = ["spec", "rules"] as const;
/** Somebody may change the rules between a look and the deed. */
const MOST_TRIES = 3;
/** Linkerd's policy controller writes the status when it has read the route: well under a second. */
const TAKEN_WITHIN_MS = 15_000;
/** A refusal may be of the rules before. After this time it is believed. */
const REFUSED_AFTER_MS = 3_000;

export interface PlacedSplitOptions {
  readonly action: FaultAction;
  readonly spec: LinkerdSpec;
  readonly kinds: MeshKinds;
  readonly cluster: Cluster;
  readonly changes: RunChanges;
  /** Of the HTTPRoute, where one is made, and of the Service that nobody has. */
  readonly name: string;
  /** Puts on the timeline what whoever reads the report should know. */
  readonly onEvent: (text: string) => void;
}

/** What is to be done, as things were when they were looked at. */
interface Planned {
  readonly called: CalledService;
  readonly split: Split;
  readonly rules: readonly RouteJson[];
}

interface Done extends Planned {
  readonly deed: Made | Changed;
}

/** The rules have changed since they were looked at. */
class Moved extends Error {}

/** The fault of one action in an HTTPRoute: in one that is there, or in one that is made for it. */
export class PlacedSplit implements PlacedFault<SplitSeen> {
  readonly #options: PlacedSplitOptions;
  #done: Done | null = null;
  #before: ReadonlyMap<string, RoutedRequests> = new Map();

  constructor(options: PlacedSplitOptions) {
    this.#options = options;
  }

  get action(): FaultAction {
    return this.#options.action;
  }

  /** Asks the server whether it would do it, Linkerd of the route that is there, and the proxies whether they count. */
  async rehearse(): Promise<void> {
    const { changes, spec } = this.#options;
    const planned = await this.#plan();
    const { route } = planned.called;
    if (route === null) await changes.rehearseMake(this.#kind, this.#own(planned));
    else {
      this.#refuseUntaken(route, planned.split);
      await changes.rehearseChange(placeOf(route.kind, route.object), [this.#set(planned)]);
    }
    this.#tellOfRetries(planned.called);
    if (spec.clients === null) return;
    const counted = await this.#counts(planned);
    if (counted.size > 0) return;
    const message = `no pod in ${spec.namespace} has the labels ${labelsInWords(spec.clients)}`;
    throw new FaultlineError("KUBERNETES_UNFIT", message);
  }

  /** Resolves when Linkerd says that it takes the route. @throws FaultlineError FAULT_NOT_PLACED when it does not in time. */
  async place(): Promise<void> {
    for (let tried = 1; this.#done === null; tried += 1) {
      const planned = await this.#plan();
      // Before the deed: proxies that do not answer stop it.
      await this.#counts(planned);
      try {
        this.#done = await this.#do(planned);
      } catch (error) {
        if (!(error instanceof Moved)) throw error;
        if (tried === MOST_TRIES) throw new FaultlineError("FAULT_NOT_PLACED", error.message);
      }
    }
    await this.#untilTaken(this.#done);
    // What was sent before belongs to no fault, or to the stage before.
    this.#before = await this.#counts(this.#done);
  }

  async seen(): Promise<SplitSeen> {
    const { action, spec, cluster } = this.#options;
    const done = this.#done;
    if (done === null) throw new Error("nothing is in place");
    const { place } = done.deed.deed;
    const now = await cluster.get(place);
    const isSame = now !== null && now.metadata.uid === done.deed.object.metadata.uid;
    const isSet = isSame && isDeepStrictEqual(rulesOf(now), rulesOf(done.deed.object));
    return {
      target: action.target,
      spec,
      object: placeInWords(place),
      rules: isSet ? "as_set" : isSame ? "changed" : "removed",
      state: now === null ? SAYS_NOTHING : this.#state(now, done.split),
      proxies: await this.#proxies(done),
    };
  }

  /** Puts the rules back. A second call does nothing. */
  async takeOut(): Promise<void> {
    const done = this.#done;
    if (done === null) return;
    await this.#options.changes.takeBack(done.deed);
    this.#done = null;
  }

  get #kind(): ResourceKind {
    const { kinds, spec } = this.#options;
    // Looked at before: the driver refuses a cluster without it.
    return kinds.httpRoutes.get(spec.group) ?? httpRouteKind(spec.group, "v1");
  }

  async #plan(): Promise<Planned> {
    const { cluster, kinds, spec, name } = this.#options;
    const called = await calledService(cluster, kinds, spec);
    const { service, share, path, headers } = spec;
    const plain = { name: service, port: called.port };
    // A Service that nobody has: Linkerd's proxies answer what is to go there with status 500.
    const failing = called.backend ?? { name, port: called.port };
    const split: Split = { plain, failing, share, path, headers };
    if (called.route === null) return { called, split, rules: ownRules(split) };
    const rules = faultedRules(listAt(called.route.object, ...RULES), split);
    if (!("id" in rules)) return { called, split, rules };
    const { kind, object } = called.route;
    throw new FaultlineError("KUBERNETES_UNFIT", noPlaceText(rules, placeOf(kind, object), split));
  }

  async #do(planned: Planned): Promise<Done> {
    const { changes } = this.#options;
    const { route } = planned.called;
    if (route === null) return { ...planned, deed: await changes.make(this.#kind, this.#own(planned)) };
    const place = placeOf(route.kind, route.object);
    const check = (before: ClusterObject) => {
      if (!isDeepStrictEqual(rulesOf(before), rulesOf(route.object)))
        throw new Moved(`somebody keeps changing ${placeInWords(place)}`);
    };
    return { ...planned, deed: await changes.change(place, [this.#set(planned)], { check }) };
  }

  #set({ rules, split }: Planned): FieldToSet {
    // A rule that sent there before is refused.
    const laid = { key: "backendRefs", own: { ...split.failing } };
    return { path: RULES, set: rules as readonly ClusterJson[], laid };
  }

  #own({ split, rules }: Planned): ClusterObject {
    const { spec, name } = this.#options;
    const parent = { group: "core", kind: "Service", ...split.plain };
    return { metadata: { name, namespace: spec.namespace }, spec: { parentRefs: [parent], rules } };
  }

  #state(route: ClusterObject, { plain }: Split): RouteState {
    return routeState(route, plain, this.#options.spec.backend !== null);
  }

  /** A route that Linkerd does not take now, it does not take with a fault. */
  #refuseUntaken({ kind, object }: NonNullable<CalledService["route"]>, { plain }: Split): void {
    const state = routeState(object, plain, true);
    if (state.id === "taken") return;
    const message = `Linkerd does not take ${placeInWords(placeOf(kind, object))} as it is: ${state.why}`;
    throw new FaultlineError("KUBERNETES_UNFIT", message);
  }

  async #untilTaken({ deed, split }: Done): Promise<void> {
    const { cluster } = this.#options;
    const { place } = deed.deed;
    const beganMs = monotonicMs();
    const stateOf = (now: ClusterObject | undefined) => (now === undefined ? null : this.#state(now, split));
    const isSettled = (now: ClusterObject | undefined) => {
      const state = stateOf(now);
      const isLate = monotonicMs() - beganMs > REFUSED_AFTER_MS;
      return state === null || state.id === "taken" || (state.id === "refused" && isLate);
    };
    const found = await cluster.until(place, isSettled, { withinMs: TAKEN_WITHIN_MS });
    const state: RouteState | null = found === null ? SAYS_NOTHING : stateOf(found.object);
    if (state?.id === "taken") return;
    throw new FaultlineError("FAULT_NOT_PLACED", notTakenText(state, place));
  }

  #tellOfRetries(called: CalledService): void {
    const { spec, onEvent } = this.#options;
    const retries = retriesOf(called);
    if (retries === null) return;
    const what =
      spec.backend === null
        ? "do not try again what Linkerd's proxies answer themselves"
        : "draw the backend anew for each try: of what they try again, clients see fewer failures than the share";
    onEvent(`${spec.service}: the retries (${retries}) ${what}`);
  }

  async #proxies(done: Done): Promise<ProxiesSeen> {
    if (this.#options.spec.clients === null) return { kind: "not_asked" };
    try {
      const now = await this.#counts(done);
      return { kind: "counted", pods: now.size, sent: countedSince(this.#before, now, NONE_ROUTED) };
    } catch (error) {
      return { kind: "silent", why: messageOf(error) };
    }
  }

  /** By pod. Empty where no clients are named. */
  async #counts({ called, split }: Planned): Promise<ReadonlyMap<string, RoutedRequests>> {
    const { cluster, spec, name } = this.#options;
    const { clients, namespace, service, group } = spec;
    if (clients === null) return new Map();
    const route = called.route?.object.metadata.name ?? name;
    const asked = { namespace, service, port: called.port, route, group, failing: split.failing };
    const pages = await podPages(cluster, { namespace, labels: clients, ...PROXY_METRICS });
    return new Map([...pages].map(([pod, page]) => [pod, routedRequests(page, asked)]));
  }
}

function rulesOf(object: ClusterObject): unknown {
  return fieldAt(object, RULES);
}

/** @param state null: the route is gone. */
function notTakenText(state: RouteState | null, place: ObjectPlace): string {
  const words = placeInWords(place);
  if (state === null) return `somebody has removed ${words}`;
  if (state.id === "refused") return `Linkerd does not take ${words}: ${state.why}`;
  return `Linkerd has not said within ${TAKEN_WITHIN_MS / 1000} s that it takes ${words}: is its policy controller running, and does it read ${place.kind.group}/${place.kind.version}?`;
}

function noPlaceText(none: UnplacedSplit, place: ObjectPlace, { failing, path }: Split): string {
  const words = placeInWords(place);
  switch (none.id) {
    case "no_backends":
      return `${words} has no rule that leads to a backend, so no request of it can fail`;
    case "backend_there":
      return `${words} sends requests to ${failing.name} already`;
    case "apart":
      return `${words} has no rule for requests with this path and these headers`;
    case "unclear":
      return `${words} matches by the regular expression ${none.expression}, which cannot be narrowed`;
    case "reordered":
      return `${words} has several rules for these requests, and with ${path === null ? "these headers" : `the path ${path}`} another of them may win: leave \`${path === null ? "headers" : "path"}\` out`;
  }
}
