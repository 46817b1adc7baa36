import { messageOf } from "../../support/errors.js";
import type { Cluster, ClusterRef } from "../cluster.js";
import { reopenCluster } from "../open-cluster.js";
import { isJournaledDeed, isSameDeed, type JournaledDeed } from "./deed.js";
import { undoDeed } from "./undo-deed.js";

interface Entry {
  readonly undo: unknown;
  readonly text: string;
}

interface Options {
  readonly dryRun: boolean;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

interface Outcome {
  readonly did: readonly string[];
  readonly failures: readonly string[];
}

/** For an attempt. The watchdog makes several. */
const PATIENCE_MS = 8_000;

/** Undoes what drivers of clusters have written down, in another process than theirs. Never rejects. */
export async function undoDeeds(entries: readonly Entry[], options: Options): Promise<Outcome> {
  const did: string[] = [];
  const failures: string[] = [];
  const noted: { readonly deed: JournaledDeed; readonly text: string }[] = [];
  for (const { undo, text } of entries) {
    if (!isJournaledDeed(undo)) failures.push(`${text}: how to undo it cannot be read`);
    else {
      // It was noted again because it was tried again: the last note has what was there before.
      const before = noted.findIndex(({ deed }) => isSameDeed(deed, undo));
      if (before >= 0) noted.splice(before, 1);
      noted.push({ deed: undo, text });
    }
  }
  for (const group of byCluster(noted.map(({ deed }) => deed.cluster))) {
    const all = noted.filter(({ deed }) => isSameCluster(deed.cluster, group)).reverse();
    // It goes last: it says what is to be undone.
    const own = all.filter(({ deed }) => !isOwnLease(deed));
    let cluster: Cluster | null = null;
    try {
      cluster = await reopenCluster(group, { env: options.env ?? process.env, patienceMs: PATIENCE_MS });
      for (const each of own) await undoNoted(cluster, each, options.dryRun, { did, failures });
      if (failures.length === 0 && !options.dryRun)
        await removeLeases(
          cluster,
          all.map(({ deed }) => deed),
        );
    } catch (error) {
      failures.push(...all.map(({ text }) => `${text}: ${messageOf(error)}`));
    } finally {
      await cluster?.close();
    }
  }
  return { did, failures: [...new Set(failures)] };
}

async function undoNoted(
  cluster: Cluster,
  { deed, text }: { readonly deed: JournaledDeed; readonly text: string },
  dryRun: boolean,
  to: { readonly did: string[]; readonly failures: string[] },
): Promise<void> {
  try {
    const undone = await undoDeed(cluster, deed, { dryRun });
    for (const words of [undone.did, undone.left]) if (words !== null) to.did.push(words);
  } catch (error) {
    to.failures.push(`${text}: ${messageOf(error)}`);
  }
}

/** When all is undone, nobody has to look for it any more. */
async function removeLeases(cluster: Cluster, deeds: readonly JournaledDeed[]): Promise<void> {
  const leases = new Map(deeds.map(({ lease }) => [`${lease.namespace}/${lease.name}`, lease]));
  for (const lease of leases.values()) await cluster.delete(lease);
}

function isOwnLease({ deed, place, lease }: JournaledDeed): boolean {
  return (
    deed === "made" &&
    place.kind.plural === lease.kind.plural &&
    place.namespace === lease.namespace &&
    place.name === lease.name
  );
}

function isSameCluster(a: ClusterRef, b: ClusterRef): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function byCluster(refs: readonly ClusterRef[]): readonly ClusterRef[] {
  return refs.filter((ref, index) => refs.findIndex((other) => isSameCluster(ref, other)) === index);
}
