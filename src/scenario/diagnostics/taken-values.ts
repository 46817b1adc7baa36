/** What a schema takes at one place of a file: for hints on what to write there instead. */

import type { z } from "zod";
import { VALUE_FORMS, type ValueForm } from "../../quantities/value-form.js";
import type { TreePath } from "../text/tree.js";

export interface TakenValues {
  /** Kinds of value. With several, any of them is taken. */
  readonly takes: ReadonlySet<"list" | "map" | "text" | "number" | "switch">;
  readonly forms: ReadonlySet<ValueForm>;
  /** Single values that are taken. */
  readonly values: readonly unknown[];
  /** Keys of maps that a text in their place is meant for. */
  readonly mainKeys: readonly string[];
  /** What a list has. null: no list is taken. */
  readonly entries: TakenValues | null;
}

// zod's own union of all its schema types. The public type does not tell them apart.
type AnyType = z.core.$ZodTypes;
const all = (type: unknown) => type as AnyType;

/** Nothing is known of a place that the schema has no key for. */
export function takenAt(schema: z.ZodType, path: TreePath): TakenValues {
  return takenOf(typesAt(all(schema), path));
}

/** Whether a whole list, or a whole map, is all that is taken. */
export function takesOnly({ takes, values }: TakenValues, kind: "list" | "map"): boolean {
  return takes.size === 1 && takes.has(kind) && values.length === 0;
}

interface Found {
  readonly type: AnyType;
  readonly forms: readonly ValueForm[];
  readonly mainKeys: readonly string[];
}

/** The types that a value there may have, without what only wraps them. */
function typesAt(
  type: AnyType,
  path: TreePath,
  outer: Omit<Found, "type"> = { forms: [], mainKeys: [] },
): Found[] {
  const said = VALUE_FORMS.get(type);
  const known = {
    forms: [...outer.forms, ...(said?.form === undefined ? [] : [said.form])],
    mainKeys: [...outer.mainKeys, ...(said?.mainKey === undefined ? [] : [said.mainKey])],
  };
  const inside = (inner: unknown) => typesAt(all(inner), path, known);
  const below = (inner: unknown, rest: TreePath) => typesAt(all(inner), rest);
  const { def } = type._zod;
  const [key, ...rest] = path;
  switch (def.type) {
    case "optional":
    case "default":
    case "prefault":
    case "nullable":
      return inside(def.innerType);
    case "pipe":
      return inside(def.in);
    case "union":
      return def.options.flatMap(inside);
    case "array":
      return key === undefined ? [{ type, ...known }] : below(def.element, rest);
    case "record":
      return key === undefined ? [{ type, ...known }] : below(def.valueType, rest);
    case "object": {
      if (key === undefined) return [{ type, ...known }];
      const inner = def.shape[String(key)];
      return inner ? below(inner, rest) : [];
    }
    default:
      return key === undefined ? [{ type, ...known }] : [];
  }
}

function takenOf(found: readonly Found[]): TakenValues {
  const takes = new Set<"list" | "map" | "text" | "number" | "switch">();
  const values: unknown[] = [];
  const entries: Found[] = [];
  for (const { type } of found) {
    const { def } = type._zod;
    switch (def.type) {
      case "array":
        takes.add("list");
        entries.push(...typesAt(all(def.element), []));
        break;
      case "object":
      case "record":
        takes.add("map");
        break;
      case "string":
      case "template_literal":
        takes.add("text");
        break;
      case "number":
        takes.add("number");
        break;
      case "boolean":
        takes.add("switch");
        break;
      case "literal":
        values.push(...def.values);
        break;
      case "enum":
        values.push(...Object.values(def.entries));
        break;
      default:
        break;
    }
  }
  return {
    takes,
    values,
    forms: new Set(found.flatMap(({ forms }) => forms)),
    mainKeys: found.flatMap(({ mainKeys }) => mainKeys),
    entries: entries.length === 0 ? null : takenOf(entries),
  };
}
