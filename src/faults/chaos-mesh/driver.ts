import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { RunChanges } from "../../kubernetes/changes/run-changes.js";
import type { Cluster } from "../../kubernetes/cluster.js";
import { FaultlineError, messageOf } from "../../support/errors.js";
import { openForFaults } from "../cluster/open-for-faults.js";
import type { FaultAction } from "../fault-action.js";
import type { DriverContext, FaultDriver } from "../fault-driver.js";
import { CHAOS_MESH, type ChaosSpec, chaosSpecOf } from "../kinds/chaos-mesh/chaos-action.js";
import { type InjectionProof, noProof } from "../proof.js";
import { chaosKind, chaosObject } from "./chaos-object.js";
import { PlacedChaos } from "./placed-chaos.js";
import { type ChaosSeen, chaosProof } from "./proof.js";
import { rightsFor } from "./rights.js";

export const driver = (): FaultDriver => new ChaosMeshDriver();

interface Opened {
  readonly cluster: Cluster;
  readonly changes: RunChanges;
  readonly run: string;
  readonly longestFaultMs: number;
  readonly onEvent: (text: string) => void;
}

/** Faults that Chaos Mesh makes: each is an object of it. */
class ChaosMeshDriver implements FaultDriver {
  #opened: Opened | null = null;
  #made = 0;
  readonly #placed: PlacedChaos[] = [];
  /** What was seen in earlier stages. */
  readonly #seen: ChaosSeen[] = [];
  /** Whether anything was in place since the last call of `keptDown`. */
  #hasActed = false;

  async prepare(context: DriverContext): Promise<ReadonlyMap<string, string>> {
    const { actions, journal, onEvent, onStatus, longestFaultMs } = context;
    const { cluster, terms, leaseNamespace } = await openForFaults(CHAOS_MESH, rightsFor, context);
    const run = randomBytes(4).toString("hex");
    const note = (undo: unknown, text: string) => journal.undoable({ undo, text });
    const changes = new RunChanges({ cluster, run, leaseNamespace, note, onEvent });
    this.#opened = { cluster, changes, run, longestFaultMs, onEvent };
    const specs = actions.map(specIn);
    await refuseMissingKinds(cluster, specs);
    for (const did of await changes.healDead(terms.namespaces)) onEvent(`left by an earlier run: ${did}`);
    onStatus(`asking ${cluster.words} whether it would make the faults`);
    await changes.rehearseLease();
    for (const [index, spec] of specs.entries()) {
      await changes.rehearseMake(chaosKind(spec.kind), this.#objectFor(spec, `rehearsed-${index}`));
    }
    return new Map();
  }

  async markBaseline(): Promise<void> {}

  async inject(actions: readonly FaultAction[]): Promise<void> {
    const kept = this.#placed.filter(({ action }) => isAmong(action, actions));
    const gone = this.#placed.filter((placed) => !kept.includes(placed));
    const fresh = actions.filter(
      (action) => !kept.some((placed) => isDeepStrictEqual(placed.action, action)),
    );
    for (const placed of gone) {
      this.#seen.push(await placed.seen());
      await this.#takeOut(placed);
    }
    const placed: PlacedChaos[] = [];
    try {
      for (const action of fresh) placed.push(await this.#place(action));
    } catch (error) {
      for (const each of placed.reverse()) await this.#takeOut(each).catch(() => {});
      throw error;
    }
  }

  async prove(): Promise<InjectionProof> {
    const now: ChaosSeen[] = [];
    try {
      for (const placed of this.#placed) now.push(await placed.seen());
    } catch (error) {
      return noProof(messageOf(error));
    }
    return chaosProof([...this.#seen, ...now]);
  }

  async clear(): Promise<void> {
    const failures: string[] = [];
    for (const placed of [...this.#placed].reverse()) {
      await this.#takeOut(placed).catch((error) => failures.push(messageOf(error)));
    }
    this.#seen.length = 0;
    if (failures.length > 0) throw new FaultlineError("ROLLBACK_FAILED", failures.join("; "));
  }

  async close(): Promise<void> {
    try {
      await this.clear();
    } finally {
      await this.#opened?.changes.takeAllBack();
      this.#opened?.cluster.close();
    }
  }

  /** Any upstream may lead into the cluster: where it ends there is not known here. */
  keptDown(): (upstream: string) => boolean {
    const hasActed = this.#hasActed;
    this.#hasActed = this.#placed.length > 0;
    return () => hasActed;
  }

  async #place(action: FaultAction): Promise<PlacedChaos> {
    if (!this.#opened) throw new Error("the cluster was not opened");
    const { cluster, changes, onEvent } = this.#opened;
    const chaos = specIn(action);
    const object = this.#objectFor(chaos, String(++this.#made));
    const placed = new PlacedChaos({ action, chaos, object, cluster, changes, onEvent });
    // Before the deed: what was done of it is taken out, too, when it fails.
    this.#placed.push(placed);
    this.#hasActed = true;
    try {
      await placed.place();
    } catch (error) {
      await this.#takeOut(placed).catch(() => {});
      throw error;
    }
    return placed;
  }

  async #takeOut(placed: PlacedChaos): Promise<void> {
    await placed.takeOut();
    this.#placed.splice(this.#placed.indexOf(placed), 1);
  }

  #objectFor(spec: ChaosSpec, number: string) {
    const { run = "", longestFaultMs = 0 } = this.#opened ?? {};
    return chaosObject(`faultline-${run}-${number}`, spec, longestFaultMs);
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

function isAmong(action: FaultAction, actions: readonly FaultAction[]): boolean {
  return actions.some((each) => isDeepStrictEqual(each, action));
}
