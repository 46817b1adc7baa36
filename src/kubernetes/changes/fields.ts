import { isDeepStrictEqual } from "node:util";
import { type ClusterJson, type ClusterObject, type FieldPath, fieldAt, isObject } from "../objects.js";
import type { ChangedField } from "./deed.js";

/** What is to be at a path. undefined: nothing. */
export interface FieldValue {
  readonly path: FieldPath;
  readonly value: ClusterJson | undefined;
}

/**
 * A merge patch (RFC 7386) that sets these fields, and holds only for this version of the object. Merging knows no parts of
 * lists, so a list goes as a whole.
 * @throws Error when a path leads through a list that has no element of that name.
 */
export function patchFor(object: ClusterObject, fields: readonly FieldValue[]): object {
  let next: unknown = object;
  for (const { path, value } of fields) next = withValue(next, path, value);
  const patch: Record<string, unknown> = {};
  for (const { path } of fields) {
    const keys: string[] = [];
    for (const step of path) {
      if (typeof step !== "string") break;
      keys.push(step);
    }
    lay(patch, keys, fieldAt(next, keys) ?? null);
  }
  const metadata = isObject(patch.metadata) ? patch.metadata : {};
  return { ...patch, metadata: { ...metadata, resourceVersion: object.metadata.resourceVersion } };
}

function withValue(inside: unknown, path: FieldPath, value: ClusterJson | undefined): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (typeof step === "string") {
    const map = isObject(inside) ? inside : {};
    return { ...map, [step]: withValue(map[step], rest, value) };
  }
  if (!Array.isArray(inside) || !inside.some((each) => fieldAt(each, ["name"]) === step.name)) {
    throw new Error(`there is no "${step.name}" in the list`);
  }
  return inside.map((each: unknown) =>
    fieldAt(each, ["name"]) === step.name ? withValue(each, rest, value) : each,
  );
}

function lay(patch: Record<string, unknown>, keys: readonly string[], value: unknown): void {
  const [key, ...rest] = keys;
  if (key === undefined) return;
  if (rest.length === 0) {
    patch[key] = value;
    return;
  }
  const within: Record<string, unknown> = isObject(patch[key]) ? { ...patch[key] } : {};
  lay(within, rest, value);
  patch[key] = within;
}

/** What is at a path. A Scale leaves out a number of replicas that is 0. @returns undefined when nothing is. */
export function fieldValue(object: ClusterObject, path: FieldPath): unknown {
  const value = fieldAt(object, path);
  return value === undefined && object.kind === "Scale" && path.at(-1) === "replicas" ? 0 : value;
}

/** Whether what was set is there. The server may have added defaults to it. */
export function holds(now: unknown, set: unknown): boolean {
  if (isObject(set)) {
    return isObject(now) && Object.entries(set).every(([key, value]) => holds(now[key], value));
  }
  if (Array.isArray(set)) {
    return (
      Array.isArray(now) && now.length === set.length && set.every((value, index) => holds(now[index], value))
    );
  }
  return Object.is(now, set);
}

/** What has become of a field that a run has set. */
export type FieldNow = "as_set" | "as_found" | "changed";

export function fieldNow(object: ClusterObject, { path, found, set }: ChangedField): FieldNow {
  const now = fieldValue(object, path);
  if (isDeepStrictEqual(now, found) || (found === undefined && now === undefined)) return "as_found";
  return holds(now, set) ? "as_set" : "changed";
}

/** "spec.replicas", "spec.template.spec.containers[cart].image" */
export function pathInWords(path: FieldPath): string {
  return path
    .map((step, index) => (typeof step === "string" ? `${index === 0 ? "" : "."}${step}` : `[${step.name}]`))
    .join("");
}
