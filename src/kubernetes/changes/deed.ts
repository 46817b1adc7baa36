/** What a run does to a cluster, as journals hold it: enough for another process to undo it. No credentials. */

import type { ClusterRef } from "../cluster.js";
import { type ClusterJson, type FieldPath, isObject, listAt, type ObjectPlace, textAt } from "../objects.js";

/** An object that the run makes. It is undone by removing it, where its annotation names the run. */
export interface MadeObject {
  readonly deed: "made";
  readonly place: ObjectPlace;
  readonly run: string;
}

/** Fields that the run sets in an object of somebody else. */
export interface ChangedObject {
  readonly deed: "changed";
  readonly place: ObjectPlace;
  /** An object of the same name with another uid is another one. */
  readonly uid: string;
  /** "scale". null: the object itself. */
  readonly subresource: string | null;
  readonly fields: readonly ChangedField[];
  readonly run: string;
}

export interface ChangedField {
  readonly path: FieldPath;
  /** Missing: nothing was there. */
  readonly found?: ClusterJson;
  readonly set: ClusterJson;
  /** Missing: a change of somebody else stays as it is, with all that the run had set. */
  readonly laid?: LaidIn;
}

/** What a run has laid into elements of a list. Nobody else has the same there. */
export interface LaidIn {
  /** The key of an element under which it is: as an element of a list, or as the value itself. */
  readonly key: string;
  /** As the run has set it. The server may have added defaults. */
  readonly own: ClusterJson;
}

/** As the cluster itself holds it, in the run's lease. */
export type ClusterDeed = MadeObject | ChangedObject;

/** As a journal on this machine holds it. */
export type JournaledDeed = ClusterDeed & {
  readonly cluster: ClusterRef;
  /** What is renewed as long as the run lives, and is removed with its last deed. */
  readonly lease: ObjectPlace;
};

/** Two notes of the same thing: the later one counts. */
export function isSameDeed(a: ClusterDeed, b: ClusterDeed): boolean {
  return keyOf(a) === keyOf(b);
}

function keyOf(deed: ClusterDeed): string {
  const { kind, namespace, name } = deed.place;
  const about = deed.deed === "made" ? [] : [deed.subresource, ...deed.fields.map(({ path }) => path)];
  return JSON.stringify([deed.deed, deed.run, kind.group, kind.plural, namespace, name, about]);
}

export function isJournaledDeed(value: unknown): value is JournaledDeed {
  if (!isObject(value) || !isClusterDeed(value)) return false;
  const { cluster, lease } = value as Readonly<Record<string, unknown>>;
  return isObject(cluster) && typeof cluster.server === "string" && isPlace(lease);
}

export function isClusterDeed(value: unknown): value is ClusterDeed {
  if (!isObject(value) || !isPlace(value.place) || typeof value.run !== "string") return false;
  if (value.deed === "made") return true;
  return (
    value.deed === "changed" &&
    typeof value.uid === "string" &&
    listAt(value, "fields").every((field) => isObject(field) && Array.isArray(field.path))
  );
}

function isPlace(value: unknown): value is ObjectPlace {
  const hasKind =
    textAt(value, "kind", "plural") !== undefined && textAt(value, "kind", "version") !== undefined;
  return hasKind && textAt(value, "name") !== undefined;
}
