/** How what a run has laid into the elements of a list is taken out, where somebody has changed the list meanwhile. Pure. */

import { isDeepStrictEqual } from "node:util";
import { type ClusterJson, isObject, numberAt } from "../objects.js";
import type { ChangedField, LaidIn } from "./deed.js";
import { holds } from "./fields.js";

export interface TakenOut {
  readonly value: readonly ClusterJson[];
  /** Whether it is still in some of them: what was there before cannot be told. */
  readonly isLeft: boolean;
}

type Element = { readonly [key: string]: ClusterJson };

/** An element as the run has set it, and the one that it was made of. */
interface Pair {
  readonly set: Element;
  readonly origin: Element;
  readonly isAdded: boolean;
}

/** @param now what is at the field's path. @returns null when nothing of the run is there. */
export function takenOut(now: unknown, { found, set, laid }: ChangedField): TakenOut | null {
  if (laid === undefined || !Array.isArray(now) || !now.some((each) => lies(each, laid))) return null;
  const pairs = pairsOf(found, set);
  const value = (now as readonly ClusterJson[]).flatMap((each): readonly ClusterJson[] =>
    lies(each, laid) ? without(each as Element, laid, pairs) : [each],
  );
  return { value, isLeft: value.some((each) => lies(each, laid)) };
}

function lies(element: unknown, { key, own }: LaidIn): boolean {
  const value = isObject(element) ? element[key] : undefined;
  return Array.isArray(value) ? value.some((each) => holds(each, own)) : holds(value, own);
}

function without(element: Element, { key, own }: LaidIn, pairs: readonly Pair[]): readonly Element[] {
  const same = pairs.filter(({ set }) => isDeepStrictEqual(element, set));
  const like = same.length > 0 ? same : pairs.filter(({ set }) => holds(element, set));
  if (like.some(({ isAdded }) => isAdded)) return [];
  const { [key]: value, ...rest } = element;
  const before = like.length > 0 ? like : pairs.filter(({ set }) => holds(value, set[key]));
  const [first, ...others] = before.map(({ origin }) => origin[key]);
  if (before.length > 0 && others.every((each) => isDeepStrictEqual(each, first)))
    return [first === undefined ? rest : { ...rest, [key]: first }];
  if (!Array.isArray(value)) return [rest];
  const remaining = (value as readonly ClusterJson[]).filter((each) => !holds(each, own));
  // Where the rest has no weight, nothing would get a request.
  const leadsOn = remaining.some((each) => numberAt(each, "weight") !== 0);
  return [leadsOn ? { ...rest, [key]: remaining } : element];
}

/** Elements that were added stand before those that they were made of. */
function pairsOf(found: unknown, set: unknown): readonly Pair[] {
  const before = (Array.isArray(found) ? found : []) as readonly Element[];
  const after = (Array.isArray(set) ? set : []) as readonly Element[];
  let at = 0;
  return after.flatMap((each): readonly Pair[] => {
    const origin = before[at];
    if (origin === undefined) return [];
    if (before.length === after.length || isDeepStrictEqual(each, origin)) {
      at += 1;
      return [{ set: each, origin, isAdded: false }];
    }
    return [{ set: each, origin, isAdded: true }];
  });
}
