import { sleep } from "../../support/clock.js";
import type { Cluster } from "../cluster.js";
import { type ClusterObject, placeInWords } from "../objects.js";
import { isProblem } from "../problem.js";
import type { ChangedField, ChangedObject, ClusterDeed, MadeObject } from "./deed.js";
import { fieldNow, fieldValue, patchFor, pathInWords } from "./fields.js";
import { runOf } from "./marks.js";

/** What became of a deed. */
export interface UndoneDeed {
  /** In words. null: nothing was left to undo. */
  readonly did: string | null;
  /** What was not put back, because somebody has changed it meanwhile. null: nothing. */
  readonly left: string | null;
}

const TRIES = 5;
/** What a controller has to clean up first (a finalizer) may take so long. */
const GONE_MS = 30_000;

/** Undoes one deed, where its traces are still those of the run. @throws ClusterProblem */
export function undoDeed(
  cluster: Cluster,
  deed: ClusterDeed,
  { dryRun }: { readonly dryRun: boolean },
): Promise<UndoneDeed> {
  return deed.deed === "made" ? remove(cluster, deed, dryRun) : putBack(cluster, deed, dryRun);
}

async function remove(cluster: Cluster, { place, run }: MadeObject, dryRun: boolean): Promise<UndoneDeed> {
  const object = await cluster.get(place).catch(nullWhereMissing);
  if (object === null) return { did: null, left: null };
  const words = placeInWords(place);
  if (runOf(object) !== run) return { did: null, left: `${words} is not of this run any more` };
  const did = `remove ${words}`;
  if (dryRun) return { did, left: null };
  const { uid } = object.metadata;
  await cluster.delete(place, uid === undefined ? {} : { uid });
  const gone = await cluster.until(place, (now) => now === undefined || now.metadata.uid !== uid, {
    withinMs: GONE_MS,
  });
  if (gone === null)
    throw new Error(`${words} is still there: something has to be cleaned up before it goes`);
  return { did, left: null };
}

/** A kind or namespace that is gone took the object with it. */
function nullWhereMissing(error: unknown): null {
  if (isProblem(error, "no_kind", "no_namespace")) return null;
  throw error;
}

async function putBack(cluster: Cluster, deed: ChangedObject, dryRun: boolean): Promise<UndoneDeed> {
  const { place, subresource } = deed;
  const of = subresource === null ? {} : { subresource };
  for (let tried = 1; ; tried++) {
    const object = await cluster.get(place, of).catch(nullWhereMissing);
    // One of the same name that was made anew was made by somebody else, as they want it.
    if (object === null || object.metadata.uid !== deed.uid) return { did: null, left: null };
    const state = deed.fields.map((field) => ({ field, now: fieldNow(object, field) }));
    const ours = state.flatMap(({ field, now }) => (now === "as_set" ? [field] : []));
    const left = leftOf(
      deed,
      object,
      state.flatMap(({ field, now }) => (now === "changed" ? [field] : [])),
    );
    if (ours.length === 0) return { did: null, left };
    const did = `put ${ours.map(({ path }) => pathInWords(path)).join(", ")} of ${placeInWords(place)} back`;
    if (dryRun) return { did, left };
    const fields = ours.map(({ path, found }) => ({ path, value: found }));
    try {
      await cluster.patch(place, patchFor(object, fields), of);
      return { did, left };
    } catch (error) {
      // Somebody has changed it since it was read: they may have changed these very fields.
      if (!isProblem(error, "conflict") || tried === TRIES) throw error;
      await sleep(50 * tried);
    }
  }
}

function leftOf(
  { place }: ChangedObject,
  object: ClusterObject,
  fields: readonly ChangedField[],
): string | null {
  if (fields.length === 0) return null;
  const each = fields.map(
    ({ path, set }) =>
      `${pathInWords(path)} is ${JSON.stringify(fieldValue(object, path)) ?? "not there"} by now, and the run had set ${JSON.stringify(set)}`,
  );
  return `${placeInWords(place)} stays as somebody has left it: ${each.join("; ")}`;
}
