import type { Made } from "../../kubernetes/changes/run-changes.js";
import { labelsMatch, parseLabels } from "../../kubernetes/label-selector.js";
import {
  type ClusterObject,
  fieldAt,
  isObject,
  listAt,
  NETWORK_POLICY,
  POD,
  placeOf,
} from "../../kubernetes/objects.js";
import type { ClusterTools } from "../cluster/cluster-driver.js";
import { type SpecOf, targetOfSpec } from "../cluster/kubernetes-action.js";
import { type ClusterHold, type ClusterHoldProof, unfit } from "./hold.js";
import { isLivingPod } from "./pods.js";
import { refuseMoreThan } from "./workload.js";

const DIRECTIONS = { both: ["Ingress", "Egress"], ingress: ["Ingress"], egress: ["Egress"] } as const;

/**
 * A NetworkPolicy that allows nothing. What another policy allows the same pods stays allowed: they add up. And a cluster whose
 * network knows no policies takes no notice of it.
 */
export class Isolation implements ClusterHold {
  readonly #spec: SpecOf<"isolate">;
  readonly #tools: ClusterTools;
  readonly #name: string;
  #made: Made | null = null;

  constructor(spec: SpecOf<"isolate">, tools: ClusterTools) {
    this.#spec = spec;
    this.#tools = tools;
    this.#name = tools.name;
  }

  async rehearse(): Promise<void> {
    await this.#refuseUnfit();
    await this.#tools.changes.rehearseMake(NETWORK_POLICY, this.#object);
  }

  async place(): Promise<void> {
    await this.#refuseUnfit();
    this.#made = await this.#tools.changes.make(NETWORK_POLICY, this.#object);
  }

  async prove(): Promise<ClusterHoldProof> {
    const there = await this.#tools.cluster.get(placeOf(NETWORK_POLICY, this.#object));
    const isThere = there !== null && there.metadata.uid === this.#made?.object.metadata.uid;
    const pods = (await this.#pods()).length;
    const { way } = this.#spec;
    return {
      strength: "listed",
      proven: isThere && pods > 0,
      evidence: { deed: "isolate", way, policy: this.#name, isThere, pods },
    };
  }

  async lift(): Promise<void> {
    if (this.#made === null) return;
    await this.#tools.changes.takeBack(this.#made);
    this.#made = null;
  }

  get #object(): ClusterObject {
    const { namespace, pods, way } = this.#spec;
    const selector = parseLabels(pods);
    // The checks refuse any other selector; an empty one would mean all pods.
    if (selector === null) throw new Error(`"${pods}" is no label selector`);
    return {
      metadata: { name: this.#name, namespace },
      spec: {
        podSelector: {
          matchLabels: selector.matchLabels,
          ...(selector.matchExpressions.length === 0 ? {} : { matchExpressions: selector.matchExpressions }),
        },
        policyTypes: DIRECTIONS[way],
      },
    };
  }

  async #pods(): Promise<readonly ClusterObject[]> {
    const { namespace, pods } = this.#spec;
    const { items } = await this.#tools.cluster.list(POD, { namespace, labels: pods });
    return items.filter(isLivingPod);
  }

  async #refuseUnfit(): Promise<void> {
    const { namespace, atMost, way } = this.#spec;
    const target = targetOfSpec(this.#spec);
    const pods = await this.#pods();
    if (pods.length === 0) throw unfit(`there are no ${target}`);
    refuseMoreThan(atMost, pods.length, target);
    const onNode = pods.find((pod) => fieldAt(pod, ["spec", "hostNetwork"]) === true);
    if (onNode) {
      throw unfit(
        `${target}: pod ${namespace}/${onNode.metadata.name} is in the network of its node, where policies do not hold`,
      );
    }
    const { items } = await this.#tools.cluster.list(NETWORK_POLICY, { namespace });
    const letting = items.find((policy) => pods.some((pod) => allows(policy, pod, DIRECTIONS[way])));
    if (letting) {
      throw unfit(
        `${target}: the NetworkPolicy ${namespace}/${letting.metadata.name} allows them traffic, and what one policy allows no other one forbids`,
      );
    }
  }
}

/** Whether a policy lets something through to or from this pod, in one of these directions. */
function allows(
  policy: ClusterObject,
  { metadata: { labels = {} } }: ClusterObject,
  directions: readonly string[],
): boolean {
  const selector = fieldAt(policy, ["spec", "podSelector"]);
  if (!labelsMatch(isObject(selector) ? selector : {}, labels)) return false;
  return directions.some((direction) => listAt(policy, "spec", direction.toLowerCase()).length > 0);
}
