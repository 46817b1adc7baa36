import type { z } from "zod";
import { describe, keySpanAt, nodeAt, pathText, spanAt, type TreeNode, type TreePath } from "../text/tree.js";
import type { Diagnostics } from "./diagnostic.js";
import { didYouMean } from "./did-you-mean.js";
import type { DocumentFormat } from "./document-format.js";
import { hintFor, keyHint } from "./hints.js";
import { knownKeys, meaningOf } from "./unknown-key.js";

/** Only this many unknown keys get a suggestion. A hundred thousand complaints are not shown anyway. */
const MOST_KEYS = 200;

type Issue = z.core.$ZodIssue;

/**
 * Turns the schema's complaints into diagnostics at the places of the tree. One complaint per mistake is enough.
 * @returns paths ("load.rate") of keys that are missing only because they are misspelt or misplaced, and paths
 *   ("load.*") of maps that have unknown keys.
 */
export function reportIssues(
  issues: readonly Issue[],
  format: DocumentFormat,
  tree: TreeNode,
  diagnostics: Diagnostics,
): ReadonlySet<string> {
  const misspelt = new Set<string>();
  for (const issue of issues) {
    if (issue.code !== "unrecognized_keys") continue;
    const path = treePath(issue.path);
    misspelt.add(anyKeyOf(path));
    for (const key of issue.keys.slice(0, MOST_KEYS)) {
      for (const meant of meaningOf(key, path, format).keys) misspelt.add(pathText(meant));
    }
  }
  for (const issue of issues) {
    const path = treePath(issue.path);
    if (misspelt.has(pathText(path)) && !nodeAt(tree, path)) continue;
    reportIssue(issue, path, format, tree, diagnostics);
  }
  return misspelt;
}

/** In a set of paths this stands for all keys of a map. */
export function anyKeyOf(path: TreePath): string {
  return `${pathText(path)}.*`;
}

function reportIssue(
  issue: Issue,
  path: TreePath,
  format: DocumentFormat,
  tree: TreeNode,
  diagnostics: Diagnostics,
): void {
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(format, path);
    for (const key of issue.keys.slice(0, MOST_KEYS)) {
      const where = path.length === 0 ? "" : ` in ${pathText(path)}`;
      const { words } = meaningOf(key, path, format);
      diagnostics.malformed(
        "unknown-key",
        keySpanAt(tree, [...path, key]),
        `unknown key \`${key}\`${where}${words === null ? "" : `; ${words}`}`,
        keyHint(key) ?? (known.length > 0 ? `Known here: ${known.join(", ")}.` : null),
      );
    }
    return;
  }
  if (issue.code === "invalid_key") {
    const name = String(path.at(-1) ?? "");
    const expected = issue.issues[0]?.message ?? "another name";
    diagnostics.malformed("wrong-value", keySpanAt(tree, path), `\`${name}\`: expected ${expected}`);
    return;
  }
  if (issue.code === "invalid_union") {
    const branch = nearestBranch(issue.errors);
    if (branch) {
      for (const inner of branch)
        reportIssue(inner, [...path, ...treePath(inner.path)], format, tree, diagnostics);
      return;
    }
  }
  reportValue(
    issue.message,
    path,
    format,
    tree,
    diagnostics,
    issue.code === "invalid_value" ? issue.values : [],
  );
}

/** The branch of a union that was meant: the one that agrees on the kind of value. */
function nearestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return branches.find(
    (issues) =>
      issues.length > 0 &&
      issues.every((issue) => issue.path.length > 0 || issue.code === "unrecognized_keys"),
  );
}

function reportValue(
  expected: string,
  path: TreePath,
  { versionKey }: DocumentFormat,
  tree: TreeNode,
  diagnostics: Diagnostics,
  allowed: readonly unknown[],
): void {
  const node = nodeAt(tree, path);
  const key = path.at(-1);
  if (!node) {
    const where = path.length <= 1 ? "" : ` in ${pathText(path.slice(0, -1))}`;
    diagnostics.malformed(
      "missing-key",
      keySpanAt(tree, path.slice(0, -1)),
      `\`${String(key)}\` is missing${where}; expected ${expected}`,
      path.length === 1 && key === versionKey ? `Begin the file with \`${versionKey}: 1\`.` : null,
    );
    return;
  }
  const place = path.length === 0 ? "" : `${pathText(path)}: `;
  const texts = allowed.filter((value) => typeof value === "string");
  const guess = node.kind === "scalar" ? didYouMean(node.text, texts) : "";
  diagnostics.malformed(
    "wrong-value",
    node.kind === "scalar" ? spanAt(tree, path) : keySpanAt(tree, path),
    `${place}expected ${expected}; found ${describe(node)}${guess}`,
    hintFor(node, expected),
  );
}

function treePath(path: readonly PropertyKey[]): TreePath {
  return path.map((part) => (typeof part === "number" ? part : String(part)));
}
