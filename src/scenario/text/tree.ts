import { REQUEST_KINDS } from "../../requests/kinds.js";
import type { Span } from "./source.js";

/**
 * A scenario's data with the place of each part. Parts may come from several files and from the command line, so each
 * has its own span. Aliases and merge keys are resolved. Nothing is shared, nothing is cyclic.
 */
export type TreeNode = MapNode | SeqNode | ScalarNode;

export interface MapNode {
  readonly kind: "map";
  readonly span: Span;
  readonly entries: ReadonlyMap<string, MapEntry>;
}

export interface MapEntry {
  readonly keySpan: Span;
  readonly value: TreeNode;
}

export interface SeqNode {
  readonly kind: "seq";
  readonly span: Span;
  readonly items: readonly TreeNode[];
}

export interface ScalarNode {
  readonly kind: "scalar";
  readonly span: Span;
  readonly value: ScalarValue;
  /** The value's characters as written: 1.10 is the number 1.1 and the text "1.10". */
  readonly text: string;
  /** As the file has it, before variables were put in. Diagnostics show this. */
  readonly written: string;
}

export type ScalarValue = string | number | boolean | null;

export type TreePath = readonly (string | number)[];

/** Maps under these keys hold texts: `PORT: 0080` means "0080", whatever YAML makes of it. */
const TEXT_MAPS = new Set(["env", "headers", "rows", ...REQUEST_KINDS.flatMap(({ textMaps }) => textMaps)]);
/** Below these keys is the user's own data, with none of our keys in it. */
const VERBATIM = new Set(["json", ...REQUEST_KINDS.flatMap(({ verbatim }) => verbatim)]);

/** A text as a person would have written it in YAML: a number or switch when it reads back the same, else text. */
export function scalarValue(text: string): ScalarValue {
  if (text === "true" || text === "false") return text === "true";
  const number = Number(text);
  return text !== "" && String(number) === text && Number.isFinite(number) ? number : text;
}

/** @returns the node at a path, or undefined. */
export function nodeAt(root: TreeNode, path: TreePath): TreeNode | undefined {
  let node: TreeNode | undefined = root;
  for (const part of path) {
    if (node?.kind === "map") node = node.entries.get(String(part))?.value;
    else if (node?.kind === "seq" && typeof part === "number") node = node.items[part];
    else return undefined;
  }
  return node;
}

/** Place of the value at a path. When it is missing: place of the nearest part that exists. */
export function spanAt(root: TreeNode, path: TreePath): Span {
  for (let length = path.length; length > 0; length -= 1) {
    const node = nodeAt(root, path.slice(0, length));
    // A missing value is best shown at the key of the map that lacks it.
    if (node)
      return length === path.length || node.kind === "scalar"
        ? node.span
        : keySpanAt(root, path.slice(0, length));
  }
  return firstKeySpan(root);
}

/** Place of the key that leads to a path. Without a key (a list item): place of the value. */
export function keySpanAt(root: TreeNode, path: TreePath): Span {
  const parent = nodeAt(root, path.slice(0, -1));
  const last = path.at(-1);
  if (parent?.kind === "map" && last !== undefined) {
    const entry = parent.entries.get(String(last));
    if (entry) return entry.keySpan;
  }
  const node = nodeAt(root, path);
  return node ? firstKeySpan(node) : spanAt(root, path.slice(0, -1));
}

/** A map's first key stands for the whole map. A span over many lines says little. */
function firstKeySpan(node: TreeNode): Span {
  const { source, start, end } = node.span;
  const stop = source.text.slice(start, end).search(/\r?\n/);
  return stop < 0 ? node.span : { source, start, end: start + stop };
}

/** Plain data for the schema. */
export function plainValue(node: TreeNode, key: string | null = null): unknown {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "seq") return node.items.map((item) => plainValue(item, key));
  const asText = key !== null && TEXT_MAPS.has(key);
  const result: Record<string, unknown> = {};
  for (const [name, { value }] of node.entries) {
    if (asText && value.kind === "scalar" && value.value !== null) result[name] = value.text;
    else result[name] = VERBATIM.has(name) ? verbatim(value) : plainValue(value, name);
  }
  return result;
}

function verbatim(node: TreeNode): unknown {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "seq") return node.items.map(verbatim);
  return Object.fromEntries([...node.entries].map(([name, { value }]) => [name, verbatim(value)]));
}

/** A copy with every scalar replaced. */
export function mapScalars(
  node: TreeNode,
  change: (scalar: ScalarNode, path: TreePath) => ScalarNode,
  path: TreePath = [],
): TreeNode {
  if (node.kind === "scalar") return change(node, path);
  if (node.kind === "seq") {
    return { ...node, items: node.items.map((item, index) => mapScalars(item, change, [...path, index])) };
  }
  const entries = new Map<string, MapEntry>();
  for (const [name, entry] of node.entries) {
    entries.set(name, { ...entry, value: mapScalars(entry.value, change, [...path, name]) });
  }
  return { ...node, entries };
}

/** All keys and values, as they are written. */
export function* writtenTexts(node: TreeNode): Generator<string> {
  if (node.kind === "scalar") yield node.written;
  else if (node.kind === "seq") for (const item of node.items) yield* writtenTexts(item);
  else {
    for (const [key, { value }] of node.entries) {
      yield key;
      yield* writtenTexts(value);
    }
  }
}

/** What a node is, in a user's words: "the number 5", "a list", "the text "5"" when quotes made it one. */
export function describe(node: TreeNode): string {
  if (node.kind === "map") return node.entries.size === 0 ? "an empty map" : "a map";
  if (node.kind === "seq") return node.items.length === 0 ? "an empty list" : "a list";
  if (node.value === null) return "nothing";
  const written = node.written.length > 60 ? `${node.written.slice(0, 57)}…` : node.written;
  if (typeof node.value === "number") return `the number ${written}`;
  if (typeof scalarValue(node.text) === "number") return `the text "${written}"`;
  return `\`${written.replace(/\s+/g, " ")}\``;
}

/** load.requests[1].path */
export function pathText(path: TreePath): string {
  return path.reduce<string>(
    (text, part) => (typeof part === "number" ? `${text}[${part}]` : text === "" ? part : `${text}.${part}`),
    "",
  );
}
