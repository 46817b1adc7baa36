import { randomBytes } from "node:crypto";
import { RunChanges } from "../../kubernetes/changes/run-changes.js";
import type { Cluster } from "../../kubernetes/cluster.js";
import type { ResourceKind } from "../../kubernetes/objects.js";
import { messageOf } from "../../support/errors.js";
import { openForFaults } from "../cluster/open-for-faults.js";
import { PlacedFaults } from "../cluster/placed-faults.js";
import type { FaultAction } from "../fault-action.js";
import type { DriverContext, FaultDriver } from "../fault-driver.js";
import { ISTIO, istioSpecOf } from "../kinds/istio/istio-action.js";
import { type InjectionProof, noProof } from "../proof.js";
import { routeFaultProof } from "./proof.js";
import { rightsFor } from "./rights.js";
import { RouteFault } from "./route-fault.js";
import { servedVirtualServices } from "./virtual-service.js";

export const driver = (): FaultDriver => new IstioDriver();

interface OpenedMesh {
  readonly cluster: Cluster;
  readonly changes: RunChanges;
  readonly kind: ResourceKind;
  readonly run: string;
  readonly onEvent: (text: string) => void;
}

/** Faults that an Istio mesh makes: each is in the routes of a VirtualService. */
class IstioDriver implements FaultDriver {
  #opened: OpenedMesh | null = null;
  #made = 0;
  readonly #placed = new PlacedFaults((action) => this.#faultFor(action));

  async prepare(context: DriverContext): Promise<ReadonlyMap<string, string>> {
    const { actions, journal, onEvent, onStatus } = context;
    const { cluster, terms, leaseNamespace } = await openForFaults(ISTIO, rightsFor, context);
    const run = randomBytes(4).toString("hex");
    const note = (undo: unknown, text: string) => journal.undoable({ undo, text });
    const changes = new RunChanges({ cluster, run, holder: context.run, leaseNamespace, note, onEvent });
    const kind = await servedVirtualServices(cluster);
    this.#opened = { cluster, changes, kind, run, onEvent };
    for (const did of await changes.healDead(terms.namespaces, terms.nodes))
      onEvent(`left by an earlier run: ${did}`);
    onStatus(`asking ${cluster.words} whether it would take the faults`);
    await changes.claim();
    for (const action of actions) await this.#faultFor(action).rehearse();
    return new Map();
  }

  async markBaseline(): Promise<void> {}

  inject(actions: readonly FaultAction[]): Promise<void> {
    return this.#placed.replaceBy(actions);
  }

  async prove(): Promise<InjectionProof> {
    try {
      return routeFaultProof(await this.#placed.seen());
    } catch (error) {
      return noProof(messageOf(error));
    }
  }

  clear(): Promise<void> {
    return this.#placed.clear();
  }

  async close(): Promise<void> {
    try {
      await this.clear();
    } finally {
      await this.#opened?.changes.takeAllBack().finally(() => this.#opened?.cluster.close());
    }
  }

  keptDown(): (upstream: string) => boolean {
    return this.#placed.keptDown();
  }

  #faultFor(action: FaultAction): RouteFault {
    const spec = istioSpecOf(action);
    if (!this.#opened || spec === null)
      throw new Error(`"${action.kind}" is no fault of Istio, or no mesh is open`);
    const { run, ...parts } = this.#opened;
    return new RouteFault({ action, spec, name: `faultline-${run}-${++this.#made}`, ...parts });
  }
}
