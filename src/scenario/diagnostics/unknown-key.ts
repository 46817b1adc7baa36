import type { z } from "zod";
import { pathText, type TreePath } from "../text/tree.js";
import { fold, nearestWord } from "./did-you-mean.js";
import type { DocumentFormat } from "./document-format.js";

/** What an unknown key was probably meant for. */
export interface Meaning {
  /** For the end of the complaint: "did you mean `rate`?" */
  readonly words: string | null;
  /** The keys that then only seem to be missing. */
  readonly keys: readonly TreePath[];
}

export function meaningOf(key: string, path: TreePath, format: DocumentFormat): Meaning {
  const known = knownKeys(format, path);
  const others = namesElsewhere(key, format).filter((name) => known.includes(name));
  if (others.length > 0) return guess(others, path);
  const said = format.saidElsewhere.find(
    (one) => one.keys.includes(fold(key)) && one.from.test(pathText(path)),
  );
  if (said) return { words: said.words, keys: [] };
  const home = homeOf(key, path, format);
  if (home) return { words: home.words, keys: [[...home.path, key]] };
  const near = nearestWord(key, known);
  return near === null ? { words: null, keys: [] } : guess([near], path);
}

function guess(names: readonly string[], path: TreePath): Meaning {
  const words = `did you mean ${names.map((name) => `\`${name}\``).join(" or ")}?`;
  return { words, keys: names.map((name) => [...path, name]) };
}

function namesElsewhere(key: string, { otherNames }: DocumentFormat): readonly string[] {
  const word = fold(key);
  // A key may have the name of something that every object has, such as "constructor".
  return Object.hasOwn(otherNames, word) ? (otherNames[word] ?? []) : [];
}

/** Another map of the document that has this very key. @returns undefined when there is none. */
function homeOf(key: string, path: TreePath, { homes, schema }: DocumentFormat) {
  const at = pathText(path);
  return homes.find((home) => home.from.test(at) && keysInSchema(schema, home.path).includes(key));
}

/** Keys that can stand at a path. [] when any key may. */
export function knownKeys({ schema, keysReadBefore }: DocumentFormat, path: TreePath): readonly string[] {
  const inSchema = keysInSchema(schema, path);
  return path.length === 0 ? [...inSchema, ...keysReadBefore] : inSchema;
}

function keysInSchema(schema: z.ZodType, path: TreePath): readonly string[] {
  // zod's own union of all its schema types. The public type does not tell them apart.
  const all = (type: unknown) => type as z.core.$ZodTypes;
  const walk = (type: z.core.$ZodTypes, rest: TreePath): readonly string[] => {
    const { def } = type._zod;
    switch (def.type) {
      case "optional":
      case "default":
      case "prefault":
        return walk(all(def.innerType), rest);
      case "pipe":
        return walk(all(def.in), rest);
      case "union":
        return [...new Set(def.options.flatMap((option) => walk(all(option), rest)))];
      case "array":
        return rest.length > 0 ? walk(all(def.element), rest.slice(1)) : [];
      case "record":
        return rest.length > 0 ? walk(all(def.valueType), rest.slice(1)) : [];
      case "object": {
        const [key, ...more] = rest;
        if (key === undefined) return Object.keys(def.shape);
        const inner = def.shape[String(key)];
        return inner ? walk(all(inner), more) : [];
      }
      default:
        return [];
    }
  };
  return walk(all(schema), path);
}
