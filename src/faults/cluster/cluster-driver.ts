import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { RunChanges } from "../../kubernetes/changes/run-changes.js";
import type { Cluster } from "../../kubernetes/cluster.js";
import type { ClusterTerms } from "../../kubernetes/terms.js";
import { messageOf } from "../../support/errors.js";
import { type Random, seededRandom } from "../../support/random.js";
import type { FaultAction } from "../fault-action.js";
import type { DriverContext, FaultDriver } from "../fault-driver.js";
import { type InjectionProof, noProof } from "../proof.js";
import { openForFaults } from "./open-for-faults.js";
import { type PlacedFault, PlacedFaults } from "./placed-faults.js";
import type { RightsFor } from "./rights-for.js";

/** What one fault in a cluster works with. */
export interface ClusterTools {
  readonly cluster: Cluster;
  readonly terms: ClusterTerms;
  readonly changes: RunChanges;
  /** For an object that is made for this fault: no other fault and no other run has it. */
  readonly name: string;
  readonly random: Random;
  /** How long a fault of the run lasts at most. */
  readonly longestFaultMs: number;
  /** Puts on the timeline what whoever reads the report should know. */
  readonly onEvent: (text: string) => void;
}

/** The fault of one action. It has done nothing yet. */
export type MakeFault<Seen> = (action: FaultAction, tools: ClusterTools) => PlacedFault<Seen>;

/** In what drivers that act in clusters differ. */
export interface ClusterDriverParts<Seen> {
  /** That of its folder. */
  readonly name: string;
  readonly rightsFor: RightsFor;
  /** Asked before anything is changed. @throws FaultlineError KUBERNETES_MISSING: the cluster lacks what makes such faults. */
  readonly faultsIn: (cluster: Cluster, actions: readonly FaultAction[]) => Promise<MakeFault<Seen>>;
  /** @param seen of each action, the earliest stage first. */
  readonly proofOf: (seen: readonly Seen[]) => InjectionProof;
}

export function clusterDriver<Seen>(parts: ClusterDriverParts<Seen>): FaultDriver {
  return new ClusterDriver(parts);
}

interface OpenedForRun<Seen> {
  readonly makeFault: MakeFault<Seen>;
  /** A part of names that no other run has. */
  readonly run: string;
  readonly tools: Omit<ClusterTools, "name">;
}

class ClusterDriver<Seen> implements FaultDriver {
  readonly #parts: ClusterDriverParts<Seen>;
  readonly #placed = new PlacedFaults<Seen>((action) => this.#faultFor(action, String(++this.#made)));
  #opened: OpenedForRun<Seen> | null = null;
  #close: () => Promise<void> = async () => {};
  #made = 0;

  constructor(parts: ClusterDriverParts<Seen>) {
    this.#parts = parts;
  }

  async prepare(context: DriverContext): Promise<ReadonlyMap<string, string>> {
    const { name, rightsFor, faultsIn } = this.#parts;
    const { actions, seed, journal, longestFaultMs, onEvent, onStatus } = context;
    const { cluster, terms, leaseNamespace } = await openForFaults(name, rightsFor, context);
    const run = randomBytes(4).toString("hex");
    const note = (undo: unknown, text: string) => journal.undoable({ undo, text });
    const changes = new RunChanges({ cluster, run, holder: context.run, leaseNamespace, note, onEvent });
    this.#close = () => changes.takeAllBack().finally(() => cluster.close());
    const makeFault = await faultsIn(cluster, actions);
    const tools = { cluster, terms, changes, random: seededRandom(seed), longestFaultMs, onEvent };
    this.#opened = { makeFault, run, tools };
    for (const did of await changes.healDead(terms.namespaces, terms.nodes))
      onEvent(`left by an earlier run: ${did}`);
    onStatus(`asking ${cluster.words} whether it would do what the faults need`);
    await changes.claim();
    for (const [index, action] of distinct(actions).entries())
      await this.#faultFor(action, `rehearsed-${index}`).rehearse();
    return new Map();
  }

  async markBaseline(): Promise<void> {}

  inject(actions: readonly FaultAction[]): Promise<void> {
    return this.#placed.replaceBy(actions);
  }

  async prove(): Promise<InjectionProof> {
    try {
      return this.#parts.proofOf(await this.#placed.seen());
    } catch (error) {
      return noProof(messageOf(error));
    }
  }

  clear(): Promise<void> {
    return this.#placed.clear();
  }

  /** What `clear` could not take out is tried once more, with all else that the run has changed. */
  async close(): Promise<void> {
    await this.clear().catch(() => {});
    await this.#close();
  }

  overSinceMs(): number | null {
    return this.#placed.overSinceMs;
  }

  keptDown(): (upstream: string) => boolean {
    return this.#placed.keptDown();
  }

  #faultFor(action: FaultAction, part: string): PlacedFault<Seen> {
    if (this.#opened === null) throw new Error("the cluster was not opened");
    const { makeFault, run, tools } = this.#opened;
    return makeFault(action, { ...tools, name: `faultline-${run}-${part}` });
  }
}

function distinct(actions: readonly FaultAction[]): readonly FaultAction[] {
  return actions.filter(
    (action, index) => actions.findIndex((other) => isDeepStrictEqual(other, action)) === index,
  );
}
