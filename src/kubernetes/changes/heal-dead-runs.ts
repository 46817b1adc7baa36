import { FaultlineError } from "../../support/errors.js";
import { formatSeconds } from "../../support/format.js";
import type { Cluster } from "../cluster.js";
import { NODE, placeInWords } from "../objects.js";
import { isProblem } from "../problem.js";
import type { ClusterDeed } from "./deed.js";
import { type FoundLease, leasesIn } from "./run-lease.js";
import { undoDeed } from "./undo-deed.js";

/** Where the next run may undo what an earlier one has left. */
export interface HealedPlaces {
  readonly namespaces: readonly string[];
  readonly nodes: readonly string[];
}

/**
 * Undoes what the leases of dead runs tell. What this one has no right to undo stays in its lease, and is told.
 * @param holder of whoever asks: its own leases are none of another run.
 * @returns what was done and what was left, in words.
 * @throws FaultlineError RUN_CONFLICT when a run that lives has faults there, KUBERNETES_UNFIT when somebody has to look.
 */
export async function healDeadRuns(
  cluster: Cluster,
  places: HealedPlaces,
  holder: string,
): Promise<readonly string[]> {
  const told: string[] = [];
  for (const lease of await leasesOf(cluster, places.namespaces)) {
    if (lease.isDead) told.push(...(await healLease(cluster, lease, places)));
    else refuseLiving(cluster, lease, holder);
  }
  return told;
}

/** @throws FaultlineError RUN_CONFLICT when a run of another holder lives in one of these namespaces. */
export async function refuseLivingRuns(
  cluster: Cluster,
  namespaces: readonly string[],
  holder: string,
): Promise<void> {
  for (const lease of await leasesOf(cluster, namespaces)) {
    if (!lease.isDead) refuseLiving(cluster, lease, holder);
  }
}

async function leasesOf(cluster: Cluster, namespaces: readonly string[]): Promise<readonly FoundLease[]> {
  const found: FoundLease[] = [];
  for (const namespace of namespaces) found.push(...(await leasesIn(cluster, namespace)));
  return found;
}

function refuseLiving(cluster: Cluster, { run, holder, place, renewedAgoS }: FoundLease, own: string): void {
  if (holder === own) return;
  throw new FaultlineError(
    "RUN_CONFLICT",
    `another run of faultline (${run}) has faults in ${cluster.words}, namespace ${place.namespace}: it gave a sign of life ${formatSeconds(Math.max(0, renewedAgoS))} ago`,
  );
}

async function healLease(
  cluster: Cluster,
  { place, uid, run, deeds }: FoundLease,
  places: HealedPlaces,
): Promise<readonly string[]> {
  const lease = `${placeInWords(place)} of a run that is gone`;
  if (deeds === null) throw unsafe(`${lease} cannot be read by this version`);
  const others = deeds.filter((deed) => !isHarmless(deed, run, places));
  if (others.length > 0) throw unsafe(`${lease} tells of ${others.map(inWords).join("; ")}`);
  const told: string[] = [];
  let isLeft = false;
  for (const deed of [...deeds].reverse()) {
    try {
      const undone = await undoDeed(cluster, deed, { dryRun: false });
      told.push(...[undone.did, undone.left].filter((each) => each !== null));
    } catch (error) {
      if (!isProblem(error, "forbidden")) throw error;
      isLeft = true;
      told.push(`${lease} stays: ${error.message}`);
    }
  }
  // What is undone twice is undone once.
  if (!isLeft) await cluster.delete(place, { uid });
  return told;
}

/**
 * Whoever may write a lease must not get more done by it: what a lease tells is undone without asking only where it can do no harm.
 * That is removing what has the run's own mark, numbers of replicas, and letting a node take pods again.
 */
function isHarmless(deed: ClusterDeed, run: string, { namespaces, nodes }: HealedPlaces): boolean {
  const { kind, namespace, name } = deed.place;
  // They become parts of a path.
  if (![kind.group, kind.version, kind.plural].every((part) => /^[a-z0-9.-]*$/.test(part))) return false;
  // A run that lives has leases of its own.
  if (deed.run !== run) return false;
  const isInNamespace = kind.isNamespaced && namespace !== null && namespaces.includes(namespace);
  if (deed.deed === "made") return isInNamespace;
  const [field, ...others] = deed.fields;
  if (field === undefined || others.length > 0) return false;
  const path = JSON.stringify(field.path);
  if (deed.subresource === "scale")
    return isInNamespace && typeof field.found === "number" && path === '["spec","replicas"]';
  const isNode = kind.group === NODE.group && kind.plural === NODE.plural && nodes.includes(name);
  return isNode && deed.subresource === null && path === '["spec","unschedulable"]' && field.found !== true;
}

function inWords(deed: ClusterDeed): string {
  const place = placeInWords(deed.place);
  if (deed.deed === "made") return `${place}, which was made`;
  const values = deed.fields.map(
    ({ found, set }) => `${JSON.stringify(set)} instead of ${JSON.stringify(found) ?? "nothing"}`,
  );
  return `${place}: ${values.join(", ")}`;
}

function unsafe(what: string): FaultlineError {
  return new FaultlineError(
    "KUBERNETES_UNFIT",
    `${what}. This is not put back from a lease, which others may have written: \`faultline heal\` on the machine of that run does it, or put it back by hand, and then delete the lease`,
  );
}
