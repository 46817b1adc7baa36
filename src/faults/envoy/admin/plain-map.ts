/** Readers of what an admin interface answers, which may be anything. */

import { isRecord } from "../../../support/processes/read-back.js";

export type PlainMap = Readonly<Record<string, unknown>>;

export function mapOf(value: unknown): PlainMap | null {
  return isRecord(value) ? value : null;
}

export function mapUnder(value: unknown, key: string): PlainMap | null {
  return mapOf(mapOf(value)?.[key]);
}

export function listUnder(value: unknown, key: string): readonly unknown[] {
  const list = mapOf(value)?.[key];
  return Array.isArray(list) ? list : [];
}

export function textUnder(value: unknown, key: string): string | undefined {
  const text = mapOf(value)?.[key];
  return typeof text === "string" ? text : undefined;
}

/** "type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault" is an HTTPFault. */
export function isOfType(map: PlainMap | null, name: string): map is PlainMap {
  const type = map?.["@type"];
  return typeof type === "string" && type.endsWith(`.${name}`);
}

/** All maps in a value, itself and at any depth, without what stands at keys that are left out. */
export function* mapsIn(value: unknown, leftOut: ReadonlySet<string> = new Set()): Generator<PlainMap> {
  if (Array.isArray(value)) {
    for (const each of value) yield* mapsIn(each, leftOut);
    return;
  }
  const map = mapOf(value);
  if (map === null) return;
  yield map;
  for (const [key, inner] of Object.entries(map)) if (!leftOut.has(key)) yield* mapsIn(inner, leftOut);
}
