import { isDeepStrictEqual } from "node:util";
import { sleep } from "../../support/clock.js";
import { messageOf } from "../../support/errors.js";
import type { Cluster } from "../cluster.js";
import {
  type ClusterJson,
  type ClusterObject,
  type FieldPath,
  type ObjectPlace,
  placeInWords,
  placeOf,
  type ResourceKind,
} from "../objects.js";
import { ClusterProblem, isProblem } from "../problem.js";
import type { ChangedField, ChangedObject, ClusterDeed, JournaledDeed, LaidIn, MadeObject } from "./deed.js";
import { fieldValue, holds, patchFor } from "./fields.js";
import { healDeadRuns, refuseLivingRuns } from "./heal-dead-runs.js";
import { marked, runOf } from "./marks.js";
import { RunLease } from "./run-lease.js";
import { undoDeed } from "./undo-deed.js";

export interface RunChangesOptions {
  readonly cluster: Cluster;
  /** Letters and digits that no other run has. It is a part of names. */
  readonly run: string;
  /** All drivers of one run say the same: their leases do not stand in each other's way. Missing: as `run`. */
  readonly holder?: string;
  /** Where the run's lease is. */
  readonly leaseNamespace: string;
  /** Writes to the journal on this machine, before each deed. When it throws, the deed is not done. */
  readonly note: (deed: JournaledDeed, text: string) => void;
  /** Puts on the timeline what is not as it was found. */
  readonly onEvent: (text: string) => void;
}

export interface FieldToSet {
  readonly path: FieldPath;
  readonly set: ClusterJson;
  /** What is taken out of a list, where somebody changes it meanwhile. */
  readonly laid?: LaidIn;
}

/** An object that was made. */
export interface Made {
  readonly deed: MadeObject;
  readonly object: ClusterObject;
}

/** An object of somebody else of which fields were set. */
export interface Changed {
  readonly deed: ChangedObject;
  /** As it was before. */
  readonly before: ClusterObject;
  /** As it is since. */
  readonly object: ClusterObject;
}

export interface ChangeOptions {
  readonly subresource?: string;
  readonly check?: (before: ClusterObject) => void;
}

const TRIES = 5;

/** Whatever changes the object between reading and writing (its own status does) makes it read and written again. */
async function withoutConflict<T>(work: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await work();
    } catch (error) {
      if (!isProblem(error, "conflict") || tried === TRIES) throw error;
      await sleep(50 * tried);
    }
  }
}

/** All that a run does to a cluster. Each deed is noted first, on this machine and in the cluster, and undone once. */
export class RunChanges {
  readonly #options: RunChangesOptions;
  readonly #lease: RunLease;
  #open: readonly ClusterDeed[] = [];
  #namespaces: readonly string[] = [];

  constructor(options: RunChangesOptions) {
    this.#options = options;
    const { cluster, run, leaseNamespace } = options;
    this.#lease = new RunLease(cluster, { run, holder: this.#holder, namespace: leaseNamespace });
  }

  /**
   * Undoes what runs left in these places that have given no sign of life since.
   * @returns what was done and what was left, in words.
   * @throws FaultlineError RUN_CONFLICT when another run lives there, KUBERNETES_UNFIT when somebody has to look.
   */
  healDead(namespaces: readonly string[], nodes: readonly string[] = []): Promise<readonly string[]> {
    this.#namespaces = namespaces;
    return healDeadRuns(this.#options.cluster, { namespaces, nodes }, this.#holder);
  }

  /**
   * Makes the run's lease, so that no other run begins where `healDead` has looked. It is there until `takeAllBack`.
   * @throws FaultlineError RUN_CONFLICT when another run came at the same moment: each sees the other, and none goes on.
   */
  async claim(): Promise<void> {
    const { cluster, run, note } = this.#options;
    const lease = this.#lease.place;
    note(
      { deed: "made", place: lease, run, cluster: cluster.ref, lease },
      `${placeInWords(lease)} of ${cluster.words}`,
    );
    await this.#lease.claim();
    try {
      await refuseLivingRuns(cluster, this.#namespaces, this.#holder);
    } catch (error) {
      await this.#lease.end();
      throw error;
    }
  }

  /** Lets the server check what `make` would do. Nothing is done. @throws ClusterProblem */
  async rehearseMake(kind: ResourceKind, object: ClusterObject): Promise<void> {
    await this.#options.cluster.create(kind, this.#marked(object), { dryRun: true });
  }

  /** Lets the server check what `change` would do. Nothing is done. @throws ClusterProblem */
  async rehearseChange(
    place: ObjectPlace,
    set: readonly FieldToSet[],
    { subresource }: { readonly subresource?: string } = {},
  ): Promise<void> {
    const of = subresource === undefined ? {} : { subresource };
    const fields = set.map(({ path, set }) => ({ path, value: set }));
    await withoutConflict(async () => {
      const object = await this.#found(place, subresource);
      await this.#options.cluster.patch(place, patchFor(object, fields), { ...of, dryRun: true });
    });
  }

  /** Makes an object, with the marks of the run. @throws ClusterProblem */
  async make(kind: ResourceKind, object: ClusterObject): Promise<Made> {
    const { cluster, run } = this.#options;
    const place = placeOf(kind, object);
    const deed: MadeObject = { deed: "made", place, run };
    await this.#note(deed);
    try {
      return { deed, object: await cluster.create(kind, this.#marked(object)) };
    } catch (error) {
      const there = isProblem(error, "exists") ? await cluster.get(place) : null;
      // An answer was lost: it is ours.
      if (there !== null && runOf(there) === run) return { deed, object: there };
      if (isNotDone(error)) await this.#strike(deed);
      throw error;
    }
  }

  /**
   * Sets fields of an object, as it was when it was read: what somebody changes meanwhile is read again.
   * @param options `check` is asked of the object as it is before, and throws when it must not be changed.
   * @throws ClusterProblem
   */
  async change(
    place: ObjectPlace,
    set: readonly FieldToSet[],
    { subresource, check = () => {} }: ChangeOptions = {},
  ): Promise<Changed> {
    const { cluster, run } = this.#options;
    const of = subresource === undefined ? {} : { subresource };
    // Sent, and whether it was done is not known.
    let doubted: Omit<Changed, "object"> | null = null;
    return withoutConflict(async () => {
      const before = await this.#found(place, subresource);
      if (doubted !== null && hasDone(before, doubted.deed)) return { ...doubted, object: before };
      check(before);
      const deed: ChangedObject = {
        deed: "changed",
        place,
        uid: before.metadata.uid ?? "",
        subresource: subresource ?? null,
        fields: set.map((field) => foundField(before, field)),
        run,
      };
      // As it is to be already: nothing is to be put back.
      if (deed.fields.every(({ found, set }) => isDeepStrictEqual(found, set)))
        return { deed, before, object: before };
      await this.#note(deed, doubted?.deed);
      try {
        const fields = set.map(({ path, set }) => ({ path, value: set }));
        return { deed, before, object: await cluster.patch(place, patchFor(before, fields), of) };
      } catch (error) {
        if (isNotDone(error)) await this.#strike(deed);
        // A conflict after it: the object is another version by now, so either it was done, or it never will be.
        else doubted = { deed, before };
        throw error;
      }
    });
  }

  /** Undoes one deed. `left` says what was not put back because somebody has changed it meanwhile. */
  async takeBack({ deed }: Made | Changed): Promise<{ readonly left: string | null }> {
    if (!this.#open.includes(deed)) return { left: null };
    const { left } = await undoDeed(this.#options.cluster, deed, { dryRun: false });
    await this.#strike(deed);
    if (left !== null) this.#options.onEvent(left);
    return { left };
  }

  /**
   * Undoes all that is left, the last first, and ends the lease. A lease that holds what could not be undone stays, for whoever
   * comes next.
   * @throws Error with all that could not be undone.
   */
  async takeAllBack(): Promise<void> {
    const failures: string[] = [];
    for (const deed of [...this.#open].reverse()) {
      try {
        const { left } = await undoDeed(this.#options.cluster, deed, { dryRun: false });
        await this.#strike(deed);
        if (left !== null) this.#options.onEvent(left);
      } catch (error) {
        failures.push(messageOf(error));
      }
    }
    await this.#lease.end().catch((error) => failures.push(messageOf(error)));
    if (failures.length > 0) throw new Error(failures.join("; "));
  }

  get #holder(): string {
    return this.#options.holder ?? this.#options.run;
  }

  #marked(object: ClusterObject): ClusterObject {
    return marked(object, this.#options.run, this.#lease.until);
  }

  async #found(place: ObjectPlace, subresource: string | undefined): Promise<ClusterObject> {
    const { cluster } = this.#options;
    const object = await cluster.get(place, subresource === undefined ? {} : { subresource });
    if (object !== null) return object;
    const facts = { id: "not_found", status: 404, asked: null, said: null } as const;
    throw new ClusterProblem(facts, `${cluster.words} has no ${placeInWords(place)}`);
  }

  /** @param insteadOf of the same object, and never done. */
  async #note(deed: ClusterDeed, insteadOf?: ClusterDeed): Promise<void> {
    const { cluster, note } = this.#options;
    const lease = this.#lease.place;
    note({ ...deed, cluster: cluster.ref, lease }, `${placeInWords(deed.place)} of ${cluster.words}`);
    await this.#lease.note(deed);
    this.#open = [...this.#open.filter((each) => each !== insteadOf), deed];
  }

  async #strike(deed: ClusterDeed): Promise<void> {
    // Not before: as long as the cluster holds the note, it is tried again.
    await this.#lease.strike(deed);
    this.#open = this.#open.filter((each) => each !== deed);
  }
}

/** Whether the object is as the deed wants it. */
function hasDone(object: ClusterObject, { uid, fields }: ChangedObject): boolean {
  return (
    (object.metadata.uid ?? "") === uid &&
    fields.every(({ path, set }) => holds(fieldValue(object, path), set))
  );
}

/** Whether the server has said that nothing was done. Without its word, or after a try without one, it may have been done. */
function isNotDone(error: unknown): boolean {
  if (error instanceof ClusterProblem && error.facts.isInDoubt) return false;
  return isProblem(
    error,
    "forbidden",
    "no_kind",
    "no_namespace",
    "not_found",
    "conflict",
    "exists",
    "invalid",
    "refused",
    "throttled",
  );
}

function foundField(object: ClusterObject, { path, set, laid }: FieldToSet): ChangedField {
  const found = fieldValue(object, path);
  // What the server has answered is JSON.
  return {
    path,
    set,
    ...(found === undefined ? {} : { found: found as ClusterJson }),
    ...(laid === undefined ? {} : { laid }),
  };
}
