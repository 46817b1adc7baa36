import { FaultlineError } from "../../support/errors.js";
import { formatSeconds } from "../../support/format.js";
import type { Cluster } from "../cluster.js";
import { NODE, placeInWords } from "../objects.js";
import type { ClusterDeed } from "./deed.js";
import { leasesIn } from "./run-lease.js";
import { undoDeed } from "./undo-deed.js";

/** Where the next run may undo what an earlier one has left. */
export interface HealedPlaces {
  readonly namespaces: readonly string[];
  readonly nodes: readonly string[];
}

/**
 * Undoes what the leases of dead runs tell.
 * @returns what was done, in words.
 * @throws FaultlineError RUN_CONFLICT when a run that lives has faults there, KUBERNETES_UNFIT when somebody has to look.
 */
export async function healDeadRuns(cluster: Cluster, places: HealedPlaces): Promise<readonly string[]> {
  const did: string[] = [];
  for (const namespace of places.namespaces) {
    for (const { place, run, deeds, isDead, renewedAgoS } of await leasesIn(cluster, namespace)) {
      if (!isDead) {
        throw new FaultlineError(
          "RUN_CONFLICT",
          `another run of faultline (${run}) has faults in ${cluster.words}, namespace ${namespace}: it gave a sign of life ${formatSeconds(Math.max(0, renewedAgoS))} ago`,
        );
      }
      const lease = `${placeInWords(place)} of a run that is gone`;
      if (deeds === null) throw unsafe(`${lease} cannot be read by this version`);
      const others = deeds.filter((deed) => !isHarmless(deed, places));
      if (others.length > 0) throw unsafe(`${lease} tells of ${others.map(inWords).join("; ")}`);
      for (const deed of [...deeds].reverse()) {
        const undone = await undoDeed(cluster, deed, { dryRun: false });
        did.push(...[undone.did, undone.left].filter((each) => each !== null));
      }
      await cluster.delete(place);
    }
  }
  return did;
}

/**
 * Whoever may write a lease must not get more done by it: what a lease tells is undone without asking only where it can do no harm.
 * That is removing what has the run's own mark, numbers of replicas, and letting a node take pods again.
 */
function isHarmless(deed: ClusterDeed, { namespaces, nodes }: HealedPlaces): boolean {
  const { kind, namespace, name } = deed.place;
  if (deed.deed === "made") return namespace !== null && namespaces.includes(namespace);
  const [field, ...others] = deed.fields;
  if (field === undefined || others.length > 0) return false;
  const path = JSON.stringify(field.path);
  if (deed.subresource === "scale") {
    const isNumber = typeof field.found === "number" && path === '["spec","replicas"]';
    return isNumber && namespace !== null && namespaces.includes(namespace);
  }
  const isNode = kind.group === NODE.group && kind.plural === NODE.plural && nodes.includes(name);
  return isNode && path === '["spec","unschedulable"]' && field.found !== true;
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
