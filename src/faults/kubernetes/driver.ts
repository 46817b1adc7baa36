import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { RunChanges } from "../../kubernetes/changes/run-changes.js";
import type { Cluster } from "../../kubernetes/cluster.js";
import { messageOf } from "../../support/errors.js";
import { seededRandom } from "../../support/random.js";
import { KUBERNETES } from "../cluster/kubernetes-action.js";
import { openForFaults } from "../cluster/open-for-faults.js";
import type { FaultAction } from "../fault-action.js";
import type { DriverContext, FaultDriver } from "../fault-driver.js";
import { type InjectionProof, noProof, type TargetProof } from "../proof.js";
import { notesOf, saidBy } from "../proof-note.js";
import type { ClusterHold, ClusterHoldProof, HoldTools } from "./hold.js";
import { clusterHoldFor } from "./holds.js";
import { proofNotes } from "./proof-notes.js";
import { rightsFor } from "./rights.js";

const note = notesOf(proofNotes);

export const driver = (): FaultDriver => new KubernetesDriver();

interface HeldInCluster {
  readonly action: FaultAction;
  readonly hold: ClusterHold;
}

interface SeenInCluster extends ClusterHoldProof {
  readonly target: string;
}

/** Faults on objects of a cluster, through its API server. */
class KubernetesDriver implements FaultDriver {
  #cluster: Cluster | null = null;
  #changes: RunChanges | null = null;
  #tools: HoldTools | null = null;
  #made = 0;
  readonly #held: HeldInCluster[] = [];
  /** What was seen in earlier stages. */
  readonly #seen: SeenInCluster[] = [];
  /** In words: of earlier stages that nothing could be seen of. */
  readonly #unseen: string[] = [];
  /** Whether anything was in place since the last call of `keptDown`. */
  #hasActed = false;

  async prepare(context: DriverContext): Promise<ReadonlyMap<string, string>> {
    const { actions, seed, journal, onEvent, onStatus } = context;
    const { cluster, terms, leaseNamespace } = await openForFaults(KUBERNETES, rightsFor, context);
    this.#cluster = cluster;
    const run = randomBytes(4).toString("hex");
    const changes = new RunChanges({
      cluster,
      run,
      holder: context.run,
      leaseNamespace,
      note: (undo, text) => journal.undoable({ undo, text }),
      onEvent,
    });
    this.#changes = changes;
    this.#tools = { cluster, terms, changes, run, random: seededRandom(seed), onEvent };
    for (const did of await changes.healDead(terms.namespaces, terms.nodes))
      onEvent(`left by an earlier run: ${did}`);
    onStatus(`asking ${cluster.words} whether it would do what the faults need`);
    await changes.claim();
    for (const [index, action] of distinct(actions).entries()) {
      await clusterHoldFor(action, this.#tools, index).rehearse();
    }
    return new Map();
  }

  async markBaseline(): Promise<void> {}

  async inject(actions: readonly FaultAction[]): Promise<void> {
    const kept = this.#held.filter(({ action }) => isAmong(action, actions));
    const gone = this.#held.filter((held) => !kept.includes(held));
    const fresh = actions.filter((action) => !kept.some((held) => isDeepStrictEqual(held.action, action)));
    for (const held of gone) await this.#lift(held);
    const placed: HeldInCluster[] = [];
    try {
      for (const action of fresh) placed.push(await this.#place(action));
    } catch (error) {
      for (const held of placed.reverse()) await this.#lift(held).catch(() => {});
      throw error;
    }
  }

  async prove(): Promise<InjectionProof> {
    const now = await Promise.all(
      this.#held.map(async ({ action: { target }, hold }) => ({ target, ...(await hold.prove()) })),
    );
    if (this.#unseen.length > 0) return noProof(this.#unseen.join("; "));
    const all: readonly SeenInCluster[] = [...this.#seen, ...now];
    if (all.length === 0) return noProof("no injection");
    const missing = all.filter(({ proven }) => !proven);
    const telling = missing.length > 0 ? missing : all;
    const weakest = all.some(({ strength }) => strength === "listed") ? "listed" : "observed";
    return {
      strength: missing.length > 0 ? "none" : weakest,
      proven: missing.length === 0,
      ...saidBy(telling.map(({ target, proven, evidence }) => note("cluster", { target, proven, evidence }))),
      isIdle: missing.length > 0 && missing.every(({ isIdle }) => isIdle === true),
      targets: all.map(targetSeen),
    };
  }

  async clear(): Promise<void> {
    const failures: string[] = [];
    for (const held of [...this.#held].reverse()) {
      await this.#lift(held, false).catch((error) => failures.push(messageOf(error)));
    }
    this.#seen.length = 0;
    this.#unseen.length = 0;
    if (failures.length > 0) throw new Error(failures.join("; "));
  }

  async close(): Promise<void> {
    const failures: string[] = [];
    await this.clear().catch((error) => failures.push(messageOf(error)));
    // What a hold did not take out: it may have failed while it was put in place.
    if (failures.length > 0 || this.#changes !== null) {
      await this.#changes?.takeAllBack().then(
        () => {
          failures.length = 0;
        },
        (error) => failures.splice(0, failures.length, messageOf(error)),
      );
    }
    this.#cluster?.close();
    if (failures.length > 0) throw new Error(failures.join("; "));
  }

  overSinceMs(): number | null {
    const ended = this.#held.map(({ hold }) => hold.overSinceMs ?? null);
    const known = ended.filter((atMs) => atMs !== null);
    return known.length > 0 && known.length === ended.length ? Math.max(...known) : null;
  }

  /** Any upstream may lead into the cluster: where it ends there is not known here. */
  keptDown(): (upstream: string) => boolean {
    const hasActed = this.#hasActed;
    this.#hasActed = this.#held.length > 0;
    return () => hasActed;
  }

  async #place(action: FaultAction): Promise<HeldInCluster> {
    if (!this.#tools) throw new Error("the cluster was not opened");
    const hold = clusterHoldFor(action, this.#tools, this.#made++);
    const held = { action, hold };
    // Before the deed: what was done of it is taken out, too, when it fails.
    this.#held.push(held);
    this.#hasActed = true;
    try {
      await hold.place();
    } catch (error) {
      await this.#lift(held, false).catch(() => {});
      throw error;
    }
    return held;
  }

  /** @param isProven whether what was seen of it counts. */
  async #lift(held: HeldInCluster, isProven = true): Promise<void> {
    const { target } = held.action;
    const proof = isProven ? await held.hold.prove().catch(messageOf) : null;
    await held.hold.lift();
    this.#held.splice(this.#held.indexOf(held), 1);
    if (typeof proof === "string") this.#unseen.push(`${target} could not be looked at: ${proof}`);
    else if (proof !== null) this.#seen.push({ target, ...proof });
  }
}

function isAmong(action: FaultAction, actions: readonly FaultAction[]): boolean {
  return actions.some((each) => isDeepStrictEqual(each, action));
}

function distinct(actions: readonly FaultAction[]): readonly FaultAction[] {
  return actions.filter(
    (action, index) => actions.findIndex((other) => isDeepStrictEqual(other, action)) === index,
  );
}

function targetSeen({ target, evidence }: SeenInCluster): TargetProof {
  return { driver: KUBERNETES, target, evidence };
}
