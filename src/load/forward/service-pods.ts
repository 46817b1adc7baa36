import type { Cluster } from "../../kubernetes/cluster.js";
import {
  hasOthers,
  type PodEndpoint,
  type PodState,
  podState,
  readyPods,
  slicesOf,
} from "../../kubernetes/forward/ready-pods.js";
import type { PortOfService } from "../../kubernetes/forward/service-port.js";
import { ENDPOINT_SLICE, POD } from "../../kubernetes/objects.js";
import { monotonicMs } from "../../support/clock.js";

/** A service's proxies learn of a change about as late. */
const FRESH_MS = 500;
const ASK_MS = 2_000;

/** The pods behind one port of a service, as they are from time to time. */
export class ServicePods {
  readonly #cluster: Cluster;
  readonly #namespace: string;
  readonly #service: string;
  readonly #portName: string;
  /** One pod for all connections, as long as it is there (`sessionAffinity: ClientIP`). */
  readonly #isSticky: boolean;
  readonly #askMs: number;
  #listed: { readonly pods: Promise<readonly PodEndpoint[]>; readonly atMs: number } | null = null;
  #turn = 0;
  /** Whether something stands behind the service that is no pod. */
  hasOthers = false;

  constructor(
    cluster: Cluster,
    of: {
      readonly namespace: string;
      readonly service: string;
      readonly port: PortOfService;
      readonly isSticky: boolean;
      /** Limit of each question to the API server. */
      readonly askMs?: number | undefined;
    },
  ) {
    this.#cluster = cluster;
    this.#namespace = of.namespace;
    this.#service = of.service;
    this.#portName = of.port.name;
    this.#isSticky = of.isSticky;
    this.#askMs = of.askMs ?? ASK_MS;
  }

  /**
   * The next one in turn.
   * @param without `keyOf` those that are passed over.
   * @returns null when none is ready. @throws ClusterProblem
   */
  async next(without: ReadonlySet<string>): Promise<PodEndpoint | null> {
    const pods = (await this.#ready()).filter((pod) => !without.has(keyOf(pod)));
    if (pods.length === 0) return null;
    const turn = this.#isSticky ? 0 : this.#turn++;
    return pods[turn % pods.length] ?? null;
  }

  /** Asks for them, whoever needs them. @throws ClusterProblem when the API server does not say. */
  async refresh(): Promise<void> {
    await this.#ready();
  }

  /** What is known is wrong: it is asked for anew. */
  forget(): void {
    this.#listed = null;
  }

  /** @throws ClusterProblem */
  async stateOf({ name, uid }: PodEndpoint): Promise<PodState> {
    const place = { kind: POD, namespace: this.#namespace, name };
    return podState(await this.#cluster.get(place, { timeoutMs: this.#askMs }), uid);
  }

  #ready(): Promise<readonly PodEndpoint[]> {
    const nowMs = monotonicMs();
    if (this.#listed !== null && nowMs - this.#listed.atMs < FRESH_MS) return this.#listed.pods;
    const pods = this.#list();
    const listed = { pods, atMs: nowMs };
    this.#listed = listed;
    // A list that failed is no list.
    pods.catch(() => {
      if (this.#listed === listed) this.#listed = null;
    });
    return pods;
  }

  async #list(): Promise<readonly PodEndpoint[]> {
    const where = { namespace: this.#namespace, labels: slicesOf(this.#service) };
    const { items } = await this.#cluster.list(ENDPOINT_SLICE, where, { timeoutMs: this.#askMs });
    this.hasOthers = hasOthers(items);
    return readyPods(items, this.#portName).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }
}

export function keyOf({ name, uid }: PodEndpoint): string {
  return `${name} ${uid}`;
}
