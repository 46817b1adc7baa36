import type { z } from "zod";
import { pathText, type TreePath } from "../text/tree.js";
import { fold, nearestWord } from "./did-you-mean.js";

/** What a key that is not known was probably meant for. */
export interface Meaning {
  /** For the end of the complaint: "did you mean `rate`?" */
  readonly words: string | null;
  /** The keys that then only seem to be missing. */
  readonly keys: readonly TreePath[];
}

export function meaningOf(key: string, path: TreePath, schema: z.ZodType): Meaning {
  const known = knownKeys(schema, path);
  const others = namesElsewhere(key).filter((name) => known.includes(name));
  if (others.length > 0) return guess(others, path);
  const said = SAID_ELSEWHERE.find((one) => one.keys.includes(fold(key)) && one.from.test(pathText(path)));
  if (said) return { words: said.words, keys: [] };
  const home = homeOf(key, path, schema);
  if (home) return { words: home.words, keys: [[...home.path, key]] };
  const near = nearestWord(key, known);
  return near === null ? { words: null, keys: [] } : guess([near], path);
}

function guess(names: readonly string[], path: TreePath): Meaning {
  const words = `did you mean ${names.map((name) => `\`${name}\``).join(" or ")}?`;
  return { words, keys: names.map((name) => [...path, name]) };
}

/** What keys are called by other tools, and here. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  command: ["run"],
  cmd: ["run"],
  exec: ["run"],
  url: ["target", "path"],
  uri: ["target", "path"],
  endpoint: ["path"],
  verb: ["method"],
  delay: ["latency"],
  type: ["toxic"],
  attributes: ["toxic"],
  port: ["listen"],
  address: ["listen", "upstream"],
  dependency: ["proxy", "upstream"],
  rps: ["rate"],
  qps: ["rate"],
  arrivalrate: ["rate"],
  target: ["rate", "connections"],
  duration: ["ramp", "hold"],
  users: ["connections"],
  vus: ["connections"],
  concurrency: ["connections"],
  threads: ["workers"],
  healthcheck: ["ready"],
  status: ["expect"],
  thresholds: ["slos"],
  slo: ["slos"],
  variables: ["vars"],
};

function namesElsewhere(key: string): readonly string[] {
  const word = fold(key);
  // A key may be called as something that every object has, such as "constructor".
  return Object.hasOwn(OTHER_NAMES, word) ? (OTHER_NAMES[word] ?? []) : [];
}

/** What is said in another place, where that is more than a map with the same key. */
const SAID_ELSEWHERE: readonly {
  readonly keys: readonly string[];
  readonly words: string;
  readonly from: RegExp;
}[] = [
  {
    keys: ["duration"],
    words: "how long each part of the run lasts stands under `phases:`",
    from: /^(load|phases)?$/,
  },
  { keys: ["capture"], words: "only a step of load.journeys has it", from: /^load\.requests\[\d+\]$/ },
  { keys: ["weight"], words: "the journey has it, not its steps", from: /\.steps\[\d+\]$/ },
];

/** Where keys stand that people put elsewhere: `from` matches the places where they are looked for in vain. */
const HOMES: readonly { readonly path: TreePath; readonly words: string; readonly from: RegExp }[] = [
  { path: [], words: "it belongs to the top level", from: /./ },
  { path: ["load"], words: "it belongs under load", from: /^(?!load$)/ },
  { path: ["phases"], words: "it belongs under phases", from: /^(?!phases$)/ },
  { path: ["load", "requests", 0], words: "it belongs to an entry of load.requests", from: /^(load)?$/ },
  { path: ["faults", 0], words: "it belongs to an entry of faults", from: /^(proxies\..*)?$/ },
];

/** Another map of the scenario that has this very key; undefined when there is none. */
function homeOf(key: string, path: TreePath, schema: z.ZodType) {
  const at = pathText(path);
  return HOMES.find((home) => home.from.test(at) && keysInSchema(schema, home.path).includes(key));
}

/** Top-level keys that are gone by the time the schema looks: what they name has been put in their place. */
const COMPOSING_KEYS = ["vars", "extends", "include"];

/** Keys that can stand at a path; empty where any key goes. */
export function knownKeys(schema: z.ZodType, path: TreePath): readonly string[] {
  const inSchema = keysInSchema(schema, path);
  return path.length === 0 ? [...inSchema, ...COMPOSING_KEYS] : inSchema;
}

function keysInSchema(schema: z.ZodType, path: TreePath): readonly string[] {
  // zod's own union of all its schema types: the public type does not tell them apart.
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
        return def.options.flatMap((option) => walk(all(option), rest));
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
