import { Diagnostics } from "../diagnostics/diagnostic.js";
import { didYouMean } from "../diagnostics/did-you-mean.js";
import { Source } from "../text/source.js";
import { type MapEntry, type MapNode, type ScalarNode, scalarValue, type TreeNode } from "../text/tree.js";
import { parseYaml } from "./yaml.js";

/**
 * Applies `--set a.b=value` options, in order. List items are named by their number (from 0) or their `name:`. Relative
 * paths in values count from `folder`, as if the scenario held them.
 */
export function applySets(
  root: MapNode,
  sets: readonly string[],
  folder: string,
  diagnostics: Diagnostics,
): MapNode {
  return sets.reduce((tree, set) => applySet(tree, set, folder, diagnostics), root);
}

/** Reads `--var name=value` options. Values are YAML scalars. Any other text is taken as it is. */
export function readVars(
  vars: readonly string[],
  folder: string,
  diagnostics: Diagnostics,
): Map<string, ScalarNode> {
  const result = new Map<string, ScalarNode>();
  for (const option of vars) {
    const read = readOption("--var", option, folder, diagnostics);
    if (!read) continue;
    result.set(read.key, read.value.kind === "scalar" ? read.value : read.asText);
  }
  return result;
}

interface OptionValue {
  readonly source: Source;
  readonly key: string;
  readonly value: TreeNode;
  /** The value's characters as they were typed. */
  readonly asText: ScalarNode;
}

function readOption(
  flag: string,
  option: string,
  folder: string,
  diagnostics: Diagnostics,
): OptionValue | null {
  const equals = option.indexOf("=");
  const source = new Source(flag, option, folder);
  if (equals <= 0) {
    const span = { source, start: 0, end: option.length };
    diagnostics.error("option", span, `expected KEY=VALUE after ${flag}`, EXAMPLES[flag] ?? null);
    return null;
  }
  const key = option.slice(0, equals).trim();
  const text = option.slice(equals + 1);
  const span = { source, start: equals + 1, end: option.length };
  const plain = text.trim();
  const asText: ScalarNode = { kind: "scalar", span, value: scalarValue(plain), text: plain, written: plain };
  return { source, key, value: asYaml(source, equals + 1) ?? asText, asText };
}

/**
 * The value that begins at this offset. @returns null when it does not begin like YAML (`name=Shop: slow`), or is no
 * YAML.
 */
function asYaml(source: Source, start: number): TreeNode | null {
  const text = source.text.slice(start);
  if (!/^\s*[[{"']/.test(text)) return null;
  // Blanks in place of the key keep the places right.
  const padded = new Source(source.name, " ".repeat(start) + text, source.folder);
  // [::1]:6379 begins like a list and is an address. A text with a mistake gets its complaint where it is used.
  const parsed = parseYaml(padded, new Diagnostics());
  return parsed && inSource(parsed, source);
}

const EXAMPLES: Readonly<Record<string, string>> = {
  "--set": "For example: --set load.rate=50/s",
  "--var": "For example: --var region=eu",
};

/** The same tree, pointing into the option as it was typed. */
function inSource(node: TreeNode, source: Source): TreeNode {
  const span = { ...node.span, source };
  if (node.kind === "scalar") return { ...node, span };
  if (node.kind === "seq") return { ...node, span, items: node.items.map((item) => inSource(item, source)) };
  const entries = new Map<string, MapEntry>();
  for (const [name, { keySpan, value }] of node.entries) {
    entries.set(name, { keySpan: { ...keySpan, source }, value: inSource(value, source) });
  }
  return { ...node, span, entries };
}

function applySet(root: MapNode, option: string, folder: string, diagnostics: Diagnostics): MapNode {
  const read = readOption("--set", option, folder, diagnostics);
  if (!read) return root;
  const parts: { text: string; start: number; end: number }[] = [];
  for (const match of read.key.matchAll(/[^.]+/g)) {
    parts.push({ text: match[0], start: match.index, end: match.index + match[0].length });
  }
  const replace = (node: TreeNode | undefined, depth: number): TreeNode | null => {
    const part = parts[depth];
    if (!part) return read.value;
    const span = { source: read.source, start: part.start, end: part.end };
    if (node?.kind === "seq") {
      const index = itemIndex(node.items, part.text);
      if (index < 0) {
        const names = node.items.map(itemName).filter((name) => name !== null);
        const known =
          names.length > 0 ? `its items are ${names.map((name) => `\`${name}\``).join(", ")}` : "";
        const help = `Name an item by its number from 0 to ${node.items.length - 1}${known && `, or by name: ${known}`}.`;
        diagnostics.error(
          "option",
          span,
          `the list has no item \`${part.text}\`${didYouMean(part.text, names)}`,
          help,
        );
        return null;
      }
      const value = replace(node.items[index], depth + 1);
      return value && { ...node, items: node.items.with(index, value) };
    }
    const entries = new Map(node?.kind === "map" ? node.entries : []);
    const old = entries.get(part.text);
    const value = replace(old?.value, depth + 1);
    if (!value) return null;
    entries.set(part.text, { keySpan: span, value });
    return { kind: "map", span: node?.kind === "map" ? node.span : span, entries };
  };
  const changed = replace(root, 0);
  // The first part goes into the root map, so the result is a map.
  return changed?.kind === "map" && parts.length > 0 ? changed : root;
}

function itemIndex(items: readonly TreeNode[], text: string): number {
  if (/^\d+$/.test(text)) return Number(text) < items.length ? Number(text) : -1;
  return items.findIndex((item) => itemName(item) === text);
}

function itemName(item: TreeNode): string | null {
  const name = item.kind === "map" ? item.entries.get("name")?.value : undefined;
  return name?.kind === "scalar" ? name.text : null;
}
