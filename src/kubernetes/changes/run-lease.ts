import type { Cluster } from "../cluster.js";
import { type ClusterObject, LEASE, numberAt, type ObjectPlace, textAt } from "../objects.js";
import { isProblem } from "../problem.js";
import { type ClusterDeed, isClusterDeed, isSameDeed } from "./deed.js";
import { DEEDS, FAULTLINE, MANAGED_BY, marked, RUN } from "./marks.js";

/** How often a run gives a sign of life. */
const RENEW_MS = 10_000;
/** After this time without one, the run is dead. It also bridges clocks that differ. */
const LEASE_S = 120;

/**
 * The run's journal in the cluster: a Lease with all that is to be undone, renewed as long as the run lives. When the machine
 * of the run is gone, another run undoes it from there.
 */
export class RunLease {
  readonly place: ObjectPlace;
  readonly #cluster: Cluster;
  readonly #run: string;
  readonly #holder: string;
  #deeds: readonly ClusterDeed[] = [];
  #isThere = false;
  #timer: NodeJS.Timeout | null = null;
  #last: Promise<unknown> = Promise.resolve();

  /** @param holder all leases of one run of faultline have it: each of its drivers has a lease of its own. */
  constructor(
    cluster: Cluster,
    { run, holder, namespace }: { readonly run: string; readonly holder: string; readonly namespace: string },
  ) {
    this.#cluster = cluster;
    this.#run = run;
    this.#holder = holder;
    this.place = { kind: LEASE, namespace, name: `faultline-${run}` };
  }

  /** Makes it, before any deed: whoever looks sees that a run is here. @throws ClusterProblem */
  claim(): Promise<void> {
    return this.#inTurn(() => this.#write(this.#deeds));
  }

  /** Resolves when the cluster holds the note. @throws ClusterProblem */
  note(deed: ClusterDeed): Promise<void> {
    return this.#inTurn(async () => {
      const deeds = [...this.#deeds.filter((each) => !isSameDeed(each, deed)), deed];
      await this.#write(deeds);
      this.#deeds = deeds;
    });
  }

  /** It has been undone. @throws ClusterProblem: the cluster holds it still. */
  strike(deed: ClusterDeed): Promise<void> {
    return this.#inTurn(async () => {
      const deeds = this.#deeds.filter((each) => !isSameDeed(each, deed));
      await this.#write(deeds);
      this.#deeds = deeds;
    });
  }

  /** No sign of life comes from now on. The lease is removed, unless it holds what is not undone yet. @throws ClusterProblem */
  end(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#timer !== null) clearInterval(this.#timer);
      this.#timer = null;
      if (!this.#isThere || this.#deeds.length > 0) return;
      await this.#cluster.delete(this.place);
      this.#isThere = false;
    });
  }

  /** After how long without a sign of life anybody may undo what the run has done. */
  get until(): Date {
    return new Date(Date.now() + 1000 * LEASE_S);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  async #write(deeds: readonly ClusterDeed[]): Promise<void> {
    const body = this.#object(deeds);
    if (this.#isThere) {
      try {
        await this.#cluster.patch(this.place, {
          metadata: { annotations: body.metadata.annotations },
          spec: body.spec,
        });
        return;
      } catch (error) {
        // Somebody has removed it.
        if (!isProblem(error, "not_found")) throw error;
      }
    }
    // Before its answer, which may be lost.
    this.#isThere = true;
    await this.#create(body);
    this.#timer ??= setInterval(() => void this.#renew(), RENEW_MS).unref();
  }

  async #create(body: ClusterObject): Promise<void> {
    try {
      await this.#cluster.create(LEASE, body);
    } catch (error) {
      // An answer was lost: the name is of this run alone.
      if (!isProblem(error, "exists")) throw error;
      await this.#cluster.patch(this.place, {
        metadata: { annotations: body.metadata.annotations },
        spec: body.spec,
      });
    }
  }

  /** A sign that is lost is not missed: the next one comes soon. */
  async #renew(): Promise<void> {
    await this.#inTurn(async () => {
      if (!this.#isThere) return;
      await this.#cluster.patch(this.place, { spec: { renewTime: microTime(new Date()) } });
    }).catch(() => {});
  }

  #object(deeds: readonly ClusterDeed[]): ClusterObject {
    const now = microTime(new Date());
    const { namespace, name } = this.place;
    const object: ClusterObject = {
      metadata: {
        name,
        ...(namespace === null ? {} : { namespace }),
        annotations: { [DEEDS]: JSON.stringify(deeds) },
      },
      spec: { holderIdentity: this.#holder, leaseDurationSeconds: LEASE_S, acquireTime: now, renewTime: now },
    };
    return marked(object, this.#run, this.until);
  }
}

/** What another run has left, or is doing. */
export interface FoundLease {
  readonly place: ObjectPlace;
  readonly uid: string;
  readonly run: string;
  readonly holder: string;
  /** null: this version cannot read them. */
  readonly deeds: readonly ClusterDeed[] | null;
  /** Whether its run has given no sign of life for longer than it had promised. */
  readonly isDead: boolean;
  readonly renewedAgoS: number;
}

/** The leases of all runs in a namespace. */
export async function leasesIn(cluster: Cluster, namespace: string): Promise<readonly FoundLease[]> {
  const { items } = await cluster.list(LEASE, { namespace, labels: `${MANAGED_BY}=${FAULTLINE}` });
  return items.flatMap((object) => {
    const { name, uid = "", annotations = {} } = object.metadata;
    const run = annotations[RUN];
    if (run === undefined) return [];
    const renewedMs = Date.parse(textAt(object, "spec", "renewTime") ?? "");
    const agoS = Number.isNaN(renewedMs) ? Number.POSITIVE_INFINITY : (Date.now() - renewedMs) / 1000;
    const place = { kind: LEASE, namespace, name };
    const isDead = agoS > (numberAt(object, "spec", "leaseDurationSeconds") ?? LEASE_S);
    const holder = textAt(object, "spec", "holderIdentity") ?? name;
    const deeds = deedsIn(annotations[DEEDS] ?? "");
    return [{ place, uid, run, holder, deeds, isDead, renewedAgoS: agoS }];
  });
}

function deedsIn(text: string): readonly ClusterDeed[] | null {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every(isClusterDeed) ? value : null;
  } catch {
    return null;
  }
}

/** Leases count in microseconds. */
function microTime(date: Date): string {
  return date.toISOString().replace("Z", "000Z");
}
