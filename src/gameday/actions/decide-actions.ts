import { Diagnostics } from "../../scenario/diagnostics/diagnostic.js";
import { Source } from "../../scenario/text/source.js";
import { keySpanAt, spanAt, type TreeNode } from "../../scenario/text/tree.js";
import { parseActions } from "./read-actions.js";

/** What an exercise has made of an item that was declared mended. */
export interface Decision {
  readonly id: string;
  readonly status: "open" | "closed";
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The text of an actions file with these items decided. Nothing but their `status` and `decidedBy` changes: comments,
 * quotes, order and line ends stay. An item that is no longer mended has been decided by somebody else.
 * @returns null when the text cannot be changed so.
 */
export function decidedText(text: string, decisions: readonly Decision[], exerciseId: string): string | null {
  const before = parse(text);
  if (before === null) return null;
  const wanted = new Map(
    decisions.flatMap(({ id, status }) => {
      const index = before.items.findIndex((item) => item.id === id && item.status === "mended");
      return index < 0 ? [] : [[index, status] as const];
    }),
  );
  const edits = [...wanted].flatMap(([index, status]) =>
    editsOf(text, before.tree, index, status, exerciseId),
  );
  const changed = edits
    .toSorted((a, b) => b.start - a.start)
    .reduce((so, { start, end, text: put }) => so.slice(0, start) + put + so.slice(end), text);
  // An alias shares its value with other places: then it is not only this item that has changed.
  const after = parse(changed);
  const expected = before.items.map((item, index) => {
    const status = wanted.get(index);
    return status === undefined ? item : { ...item, status, decidedBy: exerciseId };
  });
  return after !== null && isSame(after.items, expected) ? changed : null;
}

function parse(text: string) {
  return parseActions(new Source("actions", text, "."), new Diagnostics());
}

function isSame(a: readonly object[], b: readonly object[]): boolean {
  const sorted = (items: readonly object[]) =>
    JSON.stringify(items.map((item) => Object.entries(item).toSorted()));
  return sorted(a) === sorted(b);
}

function editsOf(
  text: string,
  tree: TreeNode,
  index: number,
  status: string,
  exerciseId: string,
): readonly Edit[] {
  const at = ["items", index];
  const { start, end } = spanAt(tree, [...at, "status"]);
  const statusEdit = { start, end, text: status };
  if (hasKey(tree, index, "decidedBy")) {
    const place = spanAt(tree, [...at, "decidedBy"]);
    return [statusEdit, { start: place.start, end: place.end, text: exerciseId }];
  }
  const isFlow = text[itemStart(tree, index)] === "{";
  if (isFlow) return [{ ...statusEdit, text: `${status}, decidedBy: ${exerciseId}` }];
  const key = keySpanAt(tree, [...at, "status"]);
  const indent = " ".repeat(key.source.position(key.start).column - 1);
  const rest = /\r?\n|$/.exec(text.slice(end));
  const lineEnd = end + (rest?.index ?? 0);
  const newline = rest?.[0] || "\n";
  return [statusEdit, { start: lineEnd, end: lineEnd, text: `${newline}${indent}decidedBy: ${exerciseId}` }];
}

function itemOf(tree: TreeNode, index: number): TreeNode | undefined {
  if (tree.kind !== "map") return undefined;
  const items = tree.entries.get("items")?.value;
  return items?.kind === "seq" ? items.items[index] : undefined;
}

function itemStart(tree: TreeNode, index: number): number {
  return itemOf(tree, index)?.span.start ?? 0;
}

function hasKey(tree: TreeNode, index: number, key: string): boolean {
  const item = itemOf(tree, index);
  return item?.kind === "map" && item.entries.has(key);
}
