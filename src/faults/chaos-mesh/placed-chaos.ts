import type { Made, RunChanges } from "../../kubernetes/changes/run-changes.js";
import type { Cluster } from "../../kubernetes/cluster.js";
import { type ClusterObject, POD, placeInWords } from "../../kubernetes/objects.js";
import { monotonicMs } from "../../support/clock.js";
import { FaultlineError } from "../../support/errors.js";
import type { PlacedFault } from "../cluster/placed-faults.js";
import type { FaultAction } from "../fault-action.js";
import type { ChaosSpec } from "../kinds/chaos-mesh/chaos-action.js";
import { chaosKind, isOneShot, PAUSE } from "./chaos-object.js";
import { type ChaosStatus, chaosStatusOf } from "./chaos-status.js";
import { type ChaosSeen, chaosProof, isInPlace } from "./proof.js";

/** Chaos Mesh selects pods and sets its daemons to work: some seconds. */
const INJECTED_WITHIN_MS = 30_000;
/** After this time it is no longer waited for what Chaos Mesh has not begun, or has failed to do. */
const BEGUN_WITHIN_MS = 5_000;
const RECOVERED_WITHIN_MS = 30_000;

export interface PlacedChaosOptions {
  readonly action: FaultAction;
  readonly chaos: ChaosSpec;
  readonly object: ClusterObject;
  readonly cluster: Cluster;
  readonly changes: RunChanges;
  readonly onEvent: (text: string) => void;
}

/** One object of Chaos Mesh, from its making until it is gone. */
export class PlacedChaos implements PlacedFault<ChaosSeen> {
  readonly #options: PlacedChaosOptions;
  #made: Made | null = null;

  constructor(options: PlacedChaosOptions) {
    this.#options = options;
  }

  get action(): FaultAction {
    return this.#options.action;
  }

  async rehearse(): Promise<void> {
    const { chaos, object, changes } = this.#options;
    await changes.rehearseMake(chaosKind(chaos.kind), object);
  }

  /** Resolves when Chaos Mesh says that the fault is in all pods. @throws FaultlineError when it is not in time. */
  async place(): Promise<void> {
    const { chaos, object, cluster, changes } = this.#options;
    this.#made = await changes.make(chaosKind(chaos.kind), object);
    const { place } = this.#made.deed;
    const beganMs = monotonicMs();
    const isSettled = (now: ClusterObject | undefined) => {
      if (now === undefined) return true;
      const status = chaosStatusOf(now);
      return isInPlace(status) || (isStuck(status) && monotonicMs() - beganMs > BEGUN_WITHIN_MS);
    };
    const found = await cluster.until(place, isSettled, { withinMs: INJECTED_WITHIN_MS });
    if (found?.object !== undefined && isInPlace(chaosStatusOf(found.object))) return;
    const { explanation } = chaosProof([await this.seen()]);
    throw new FaultlineError("FAULT_NOT_PLACED", explanation);
  }

  async seen(): Promise<ChaosSeen> {
    const { action, cluster } = this.#options;
    const place = this.#made?.deed.place;
    if (place === undefined) return { target: action.target, words: action.target, status: null, gone: [] };
    const object = await cluster.get(place);
    // One of the same name that somebody made anew is another one.
    const isOwn = object?.metadata.uid === this.#made?.object.metadata.uid;
    const status = object !== null && isOwn ? chaosStatusOf(object) : null;
    const gone = status === null ? [] : await this.#gone(status);
    return { target: action.target, words: placeInWords(place), status, gone };
  }

  /** Chaos Mesh goes on naming pods that a rollout has taken away. */
  async #gone({ pods }: ChaosStatus): Promise<readonly string[]> {
    const { chaos, cluster } = this.#options;
    if (isOneShot(chaos)) return [];
    // "shop/payments-5d8/app": its container comes last.
    const named = pods.map(({ id }) => ({ id, parts: id.split("/") }));
    const there = new Set<string>();
    for (const namespace of new Set(named.map(({ parts }) => parts[0] ?? ""))) {
      const { items } = await cluster.list(POD, { namespace });
      for (const { metadata } of items) {
        if (metadata.deletionTimestamp === undefined) there.add(`${namespace}/${metadata.name}`);
      }
    }
    return named.filter(({ parts }) => !there.has(parts.slice(0, 2).join("/"))).map(({ id }) => id);
  }

  /** Lets Chaos Mesh take the fault out, and removes the object. A second call does nothing. */
  async takeOut(): Promise<void> {
    const made = this.#made;
    if (made === null) return;
    await this.#recover(made).catch(() => {
      // Removing it asks for the same.
    });
    await this.#options.changes.takeBack(made);
    this.#made = null;
  }

  async #recover({ deed: { place } }: Made): Promise<void> {
    const { chaos, cluster, onEvent } = this.#options;
    if (isOneShot(chaos)) return;
    await cluster.patch(place, { metadata: { annotations: { [PAUSE]: "true" } } });
    const recovered = await cluster.until(place, (now) => now === undefined || isOut(chaosStatusOf(now)), {
      withinMs: RECOVERED_WITHIN_MS,
    });
    if (recovered === null)
      onEvent(`${placeInWords(place)}: Chaos Mesh has not taken it out of all pods yet`);
  }
}

/** Where no pod was chosen, nothing is to be taken out. */
function isOut({ conditions, pods }: ChaosStatus): boolean {
  return pods.length === 0 || conditions.get("AllRecovered") === true;
}

/** Whether no pod was chosen, or all that are left have failed. */
function isStuck({ pods }: ChaosStatus): boolean {
  return pods.every(({ isInjected, trouble }) => isInjected || trouble !== null);
}
