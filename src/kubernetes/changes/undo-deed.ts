import { sleep } from "../../support/clock.js";
import type { Cluster } from "../cluster.js";
import { type ClusterJson, type ClusterObject, placeInWords } from "../objects.js";
import { isProblem } from "../problem.js";
import type { ChangedField, ChangedObject, ClusterDeed, MadeObject } from "./deed.js";
import { type FieldValue, fieldNow, fieldValue, patchFor, pathInWords } from "./fields.js";
import { type TakenOut, takenOut } from "./laid-in.js";
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
    const changed = state.flatMap(({ field, now }) =>
      now === "changed" ? [changedField(object, field)] : [],
    );
    const laid = changed.flatMap(({ field, taken }) => (taken === null ? [] : [{ field, taken }]));
    const left = leftOf(deed, object, changed);
    const did = didOf(
      deed,
      ours,
      laid.map(({ field }) => field),
    );
    if (did === null || dryRun) return { did, left };
    const fields: readonly FieldValue[] = [
      ...ours.map((field) => ({ path: field.path, value: foundBy(object, field) })),
      ...laid.map(({ field, taken }) => ({ path: field.path, value: taken.value })),
    ];
    try {
      await cluster.patch(place, patchFor(object, fields), of);
      refuseLeft(deed, laid);
      return { did, left };
    } catch (error) {
      // Somebody has changed it since it was read: they may have changed these very fields.
      if (!isProblem(error, "conflict") || tried === TRIES) throw error;
      await sleep(50 * tried);
    }
  }
}

/** What somebody has added beside it stays. It may also be what the server adds: nobody can tell. */
function foundBy(object: ClusterObject, field: ChangedField): ClusterJson | undefined {
  const taken = takenOut(fieldValue(object, field.path), field);
  return taken === null || taken.isLeft ? field.found : taken.value;
}

/** A field that somebody has changed. */
interface TheirField {
  readonly field: ChangedField;
  /** null: nothing of the run is to be taken out of it. */
  readonly taken: TakenOut | null;
}

function changedField(object: ClusterObject, field: ChangedField): TheirField {
  return { field, taken: takenOut(fieldValue(object, field.path), field) };
}

/** @returns null when nothing is to be done. */
function didOf(
  { place }: ChangedObject,
  ours: readonly ChangedField[],
  laid: readonly ChangedField[],
): string | null {
  const inWords = (fields: readonly ChangedField[]) => fields.map(({ path }) => pathInWords(path)).join(", ");
  const words = placeInWords(place);
  const each = [
    ...(ours.length === 0 ? [] : [`put ${inWords(ours)} of ${words} back`]),
    ...(laid.length === 0 ? [] : [`take what the run had laid into ${inWords(laid)} of ${words} out`]),
  ];
  return each.length === 0 ? null : each.join(", ");
}

/** @throws Error with what is to be taken out by hand. */
function refuseLeft(
  { place }: ChangedObject,
  laid: readonly { readonly field: ChangedField; readonly taken: TakenOut }[],
): void {
  const { field } = laid.find(({ taken }) => taken.isLeft) ?? {};
  if (field?.laid === undefined) return;
  throw new Error(
    `somebody has changed ${pathInWords(field.path)} of ${placeInWords(place)}, and what was there before cannot be told: take ${JSON.stringify(field.laid.own)} out of \`${field.laid.key}\` by hand`,
  );
}

function leftOf(
  { place }: ChangedObject,
  object: ClusterObject,
  theirs: readonly TheirField[],
): string | null {
  if (theirs.length === 0) return null;
  const each = theirs.map(({ field: { path, set }, taken }) =>
    taken !== null
      ? `${pathInWords(path)}, without what the run had laid into it`
      : `${pathInWords(path)} is ${JSON.stringify(fieldValue(object, path)) ?? "not there"} by now, and the run had set ${JSON.stringify(set)}`,
  );
  return `${placeInWords(place)} stays as somebody has left it: ${each.join("; ")}`;
}
