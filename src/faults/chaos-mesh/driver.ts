import { randomBytes } from "node:crypto";
import { RunChanges } from "../../kubernetes/changes/run-changes.js";
import type { Cluster } from "../../kubernetes/cluster.js";
import { FaultlineError, messageOf } from "../../support/errors.js";
import { openForFaults } from "../cluster/open-for-faults.js";
import { PlacedFaults } from "../cluster/placed-faults.js";
import type { FaultAction } from "../fault-action.js";
import type { DriverContext, FaultDriver } from "../fault-driver.js";
import { CHAOS_MESH, type ChaosSpec, chaosSpecOf } from "../kinds/chaos-mesh/chaos-action.js";
import { type InjectionProof, noProof } from "../proof.js";
import { chaosKind, chaosObject } from "./chaos-object.js";
import { PlacedChaos } from "./placed-chaos.js";
import { chaosProof } from "./proof.js";
import { rightsFor } from "./rights.js";

export const driver = (): FaultDriver => new ChaosMeshDriver();

interface OpenedChaosMesh {
  readonly cluster: Cluster;
  readonly changes: RunChanges;
  readonly run: string;
  readonly longestFaultMs: number;
  readonly onEvent: (text: string) => void;
}

/** Faults that Chaos Mesh makes: each is an object of it. */
class ChaosMeshDriver implements FaultDriver {
  #opened: OpenedChaosMesh | null = null;
  #made = 0;
  readonly #placed = new PlacedFaults((action) => this.#chaosFor(action));

  async prepare(context: DriverContext): Promise<ReadonlyMap<string, string>> {
    const { actions, journal, onEvent, onStatus, longestFaultMs } = context;
    const { cluster, terms, leaseNamespace } = await openForFaults(CHAOS_MESH, rightsFor, context);
    const run = randomBytes(4).toString("hex");
    const note = (undo: unknown, text: string) => journal.undoable({ undo, text });
    const changes = new RunChanges({ cluster, run, holder: context.run, leaseNamespace, note, onEvent });
    this.#opened = { cluster, changes, run, longestFaultMs, onEvent };
    const specs = actions.map(specIn);
    await refuseMissingKinds(cluster, specs);
    for (const did of await changes.healDead(terms.namespaces, terms.nodes))
      onEvent(`left by an earlier run: ${did}`);
    onStatus(`asking ${cluster.words} whether it would make the faults`);
    await changes.claim();
    for (const [index, spec] of specs.entries()) {
      const object = chaosObject(`faultline-${run}-rehearsed-${index}`, spec, longestFaultMs);
      await changes.rehearseMake(chaosKind(spec.kind), object);
    }
    return new Map();
  }

  async markBaseline(): Promise<void> {}

  inject(actions: readonly FaultAction[]): Promise<void> {
    return this.#placed.replaceBy(actions);
  }

  async prove(): Promise<InjectionProof> {
    try {
      return chaosProof(await this.#placed.seen());
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

  #chaosFor(action: FaultAction): PlacedChaos {
    if (!this.#opened) throw new Error("the cluster was not opened");
    const { run, longestFaultMs, ...parts } = this.#opened;
    const chaos = specIn(action);
    const object = chaosObject(`faultline-${run}-${++this.#made}`, chaos, longestFaultMs);
    return new PlacedChaos({ action, chaos, object, ...parts });
  }
}

async function refuseMissingKinds(cluster: Cluster, specs: readonly ChaosSpec[]): Promise<void> {
  for (const name of new Set(specs.map(({ kind }) => kind))) {
    if (await cluster.serves(chaosKind(name))) continue;
    const message = `${cluster.words} serves no ${name} of chaos-mesh.org/v1alpha1: is Chaos Mesh installed there?`;
    throw new FaultlineError("KUBERNETES_MISSING", message);
  }
}

function specIn(action: FaultAction): ChaosSpec {
  const spec = chaosSpecOf(action);
  if (spec === null) throw new Error(`"${action.kind}" is no object of Chaos Mesh`);
  return spec;
}
