import { z } from "zod";
import type { Bandwidth, Duration, Range, Rate, Ratio, Size } from "./units.js";

/** Quantities are right or wrong as a whole. */
type Quantity = Duration | Rate | Size | Bandwidth | Ratio | Range<unknown>;

/**
 * What is left of a value without its malformed parts. Any key may be missing. In a list, undefined items keep the
 * places of the others.
 */
export type ValidParts<T> = T extends Quantity
  ? T
  : T extends readonly (infer Item)[]
    ? readonly (ValidParts<Item> | undefined)[]
    : T extends object
      ? { readonly [Key in keyof T]?: ValidParts<T[Key]> | undefined }
      : T;

/**
 * The valid parts of a value. In a map of names, a name with a malformed value stays, with undefined.
 * @returns undefined when nothing can be used.
 */
export function validParts<T>(schema: z.ZodType<T>, value: unknown): ValidParts<T> | undefined {
  // Each part holds what its own schema gave, so the whole is of the schema's kind.
  return partsOf(schema, value) as ValidParts<T> | undefined;
}

function partsOf(schema: z.core.$ZodType, value: unknown): unknown {
  const parsed = z.safeParse(schema, value);
  if (parsed.success) return parsed.data;
  // zod's own union of all its schema types. The public type does not tell them apart.
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "optional":
    case "default":
    case "prefault":
      return partsOf(def.innerType, value);
    case "array":
      return Array.isArray(value) ? value.map((item) => partsOf(def.element, item)) : undefined;
    case "record": {
      if (!isMap(value)) return undefined;
      return Object.fromEntries(
        Object.entries(value).map(([name, item]) => [name, partsOf(def.valueType, item)]),
      );
    }
    case "object": {
      if (!isMap(value)) return undefined;
      const parts = Object.entries(def.shape).map(
        ([key, inner]) => [key, partsOf(inner, value[key])] as const,
      );
      return Object.fromEntries(parts.filter(([, part]) => part !== undefined));
    }
    case "union": {
      const meant = isMap(value) ? meantForm(def.options, value) : undefined;
      return meant && partsOf(meant, value);
    }
    default:
      return undefined;
  }
}

/** Of several forms of a map, the one that knows most of its keys. @returns undefined when not all of them are maps. */
function meantForm(
  options: readonly z.core.$ZodType[],
  value: Readonly<Record<string, unknown>>,
): z.core.$ZodType | undefined {
  const forms = options.flatMap((option) => {
    const { def } = (option as z.core.$ZodTypes)._zod;
    if (def.type !== "object") return [];
    return [{ option, unknown: Object.keys(value).filter((key) => !(key in def.shape)).length }];
  });
  if (forms.length < options.length) return undefined;
  const fewest = Math.min(...forms.map(({ unknown }) => unknown));
  return forms.find(({ unknown }) => unknown === fewest)?.option;
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
