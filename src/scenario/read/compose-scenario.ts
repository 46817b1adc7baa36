import { lstat } from "node:fs/promises";
import path from "node:path";
import { FaultlineError } from "../../support/errors.js";
import type { Diagnostics } from "../diagnostics/diagnostic.js";
import { looksLikeScenario } from "../text/look-alike.js";
import type { Source } from "../text/source.js";
import type { MapEntry, MapNode, TreeNode } from "../text/tree.js";
import type { FileAccess } from "./file-access.js";
import { readSource } from "./read-source.js";
import { parseYaml } from "./yaml.js";

/** Files that include several others each would grow without bound. */
const MOST_FILES = 100;

const NO_PART_HELP =
  "Hardly any of what stands at its left is a key of a scenario, such as `load:` or `slos:`. Nothing of it is shown.";

/** A file that a scenario is made of. */
export interface SourceFile {
  /** Absolute. */
  readonly path: string;
  /** Of its bytes. */
  readonly sha256: string;
}

interface Reading {
  readonly cwd: string;
  readonly diagnostics: Diagnostics;
  readonly access: FileAccess;
  /** All that was read so far, the scenario's own file first. */
  readonly sources: SourceFile[];
  filesLeft: number;
}

/**
 * Reads a scenario with all that it is made of. `extends:` puts a whole scenario underneath: this file's values win,
 * maps are merged, lists are replaced. `include:` adds shared parts: maps are merged, lists are put one after the
 * other.
 */
export async function composeScenario(
  file: string,
  cwd: string,
  access: FileAccess,
  diagnostics: Diagnostics,
): Promise<{
  readonly tree: MapNode;
  readonly source: Source;
  readonly sha256: string;
  readonly sources: readonly SourceFile[];
} | null> {
  const absolute = path.resolve(cwd, file);
  const { source, sha256 } = await readSource(absolute, file, access);
  if ((await isLink(absolute)) && !looksLikeScenario(source.text)) {
    throw new FaultlineError("FILE_UNREADABLE", `${file} is a link to a file that is no scenario`);
  }
  const sources = [{ path: absolute, sha256 }];
  const tree = await composed(source, [absolute], {
    cwd,
    diagnostics,
    access,
    sources,
    filesLeft: MOST_FILES,
  });
  return tree && { tree, source, sha256, sources };
}

/** A person knows a file that they name. The target of a link may be the choice of the link's author. */
async function isLink(absolute: string): Promise<boolean> {
  return (await lstat(absolute)).isSymbolicLink();
}

async function composed(source: Source, chain: readonly string[], reading: Reading): Promise<MapNode | null> {
  const { diagnostics } = reading;
  const tree = parseYaml(source, diagnostics);
  if (!tree) return null;
  if (tree.kind !== "map") {
    const help =
      "Begin with `faultline: 1`, then `name:`, `load:`, `slos:` and (but for a plain load test) `faults:`.";
    diagnostics.error("yaml", tree.span, "a scenario is a map of keys", help);
    return null;
  }
  const entries = new Map(tree.entries);
  const [bases, parts] = [entries.get("extends"), entries.get("include")];
  entries.delete("extends");
  entries.delete("include");
  let result: MapNode = { ...tree, entries };
  // Parts first, so that their list items come before the file's own.
  for (const part of (await readParts(parts, chain, reading)).reverse()) {
    result = merge(part, result, "append");
  }
  for (const base of (await readParts(bases, chain, reading)).reverse()) {
    result = merge(base, result, "replace");
  }
  return result;
}

async function readParts(
  entry: MapEntry | undefined,
  chain: readonly string[],
  reading: Reading,
): Promise<MapNode[]> {
  if (!entry) return [];
  const { cwd, diagnostics } = reading;
  const nodes = entry.value.kind === "seq" ? entry.value.items : [entry.value];
  const read: MapNode[] = [];
  for (const node of nodes) {
    if (node.kind !== "scalar" || typeof node.value !== "string" || node.value === "") {
      diagnostics.error("include", node.span, "expected a file's path, or a list of them");
      continue;
    }
    const absolute = path.resolve(node.span.source.folder, node.value);
    const name = path.relative(cwd, absolute) || absolute;
    if (chain.includes(absolute)) {
      const files = [...chain.slice(chain.indexOf(absolute)), absolute].map((file) => path.basename(file));
      diagnostics.error("include", node.span, `files include each other: ${files.join(" → ")}`);
      continue;
    }
    if (reading.filesLeft === 0) {
      diagnostics.error("include", node.span, `more than ${MOST_FILES} files are included`);
      return read;
    }
    reading.filesLeft -= 1;
    try {
      const { source, sha256 } = await readSource(absolute, name, reading.access);
      reading.sources.push({ path: absolute, sha256 });
      if (!looksLikeScenario(source.text)) {
        diagnostics.error("include", node.span, `${name} is no part of a scenario`, NO_PART_HELP);
        continue;
      }
      const tree = await composed(source, [...chain, absolute], reading);
      if (tree) read.push(tree);
    } catch (error) {
      if (!(error instanceof FaultlineError)) throw error;
      diagnostics.error("include", node.span, error.message);
    }
  }
  return read;
}

/** `over` wins wherever both have a value that is not a map. */
function merge(under: MapNode, over: MapNode, lists: "append" | "replace"): MapNode {
  const entries = new Map(under.entries);
  for (const [name, entry] of over.entries) {
    const below = entries.get(name)?.value;
    entries.set(name, below ? { ...entry, value: mergeValues(below, entry.value, lists) } : entry);
  }
  return { ...over, entries };
}

function mergeValues(under: TreeNode, over: TreeNode, lists: "append" | "replace"): TreeNode {
  if (under.kind === "map" && over.kind === "map") return merge(under, over, lists);
  if (lists === "append" && under.kind === "seq" && over.kind === "seq") {
    return { ...over, items: [...under.items, ...over.items] };
  }
  return over;
}
