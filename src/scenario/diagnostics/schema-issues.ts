import type { z } from "zod";
import { describe, keySpanAt, nodeAt, pathText, spanAt, type TreeNode, type TreePath } from "../text/tree.js";
import type { Diagnostics } from "./diagnostic.js";
import { didYouMean } from "./did-you-mean.js";
import type { DocumentFormat } from "./document-format.js";
import { hintFor, keyHint } from "./hints.js";
import { takenAt } from "./taken-values.js";
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
  const meant = issues.flatMap(meantIssues);
  for (const issue of meant) {
    if (issue.code !== "unrecognized_keys") continue;
    const path = treePath(issue.path);
    misspelt.add(anyKeyOf(path));
    for (const key of issue.keys.slice(0, MOST_KEYS)) {
      for (const meant of meaningOf(key, path, format).keys) misspelt.add(pathText(meant));
    }
  }
  for (const issue of meant) {
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
      if (known.includes(key)) {
        // Of several forms of the map, another one has it.
        const message = `\`${key}\`${where} does not go with the keys beside it`;
        diagnostics.malformed("conflict", keySpanAt(tree, [...path, key]), message);
        continue;
      }
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
  reportValue(issue, path, format, tree, diagnostics);
}

/** An issue with a union is one with the branch that was meant, where that can be told. */
function meantIssues(issue: Issue): readonly Issue[] {
  const branch = issue.code === "invalid_union" ? nearestBranch(issue.errors) : undefined;
  if (!branch) return [issue];
  return branch.flatMap((inner) => meantIssues({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** The branch of a union that was meant: it agrees on the kind of value, and knows most of its keys. */
function nearestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const near = branches.filter(
    (issues) =>
      issues.length > 0 &&
      issues.every((issue) => issue.path.length > 0 || issue.code === "unrecognized_keys"),
  );
  const fewest = Math.min(...near.map(unknownKeys));
  return near.find((issues) => unknownKeys(issues) === fewest);
}

function unknownKeys(issues: readonly Issue[]): number {
  return issues.flatMap((issue) =>
    issue.code === "unrecognized_keys" && issue.path.length === 0 ? issue.keys : [],
  ).length;
}

function reportValue(
  issue: Issue,
  path: TreePath,
  { versionKey, schema }: DocumentFormat,
  tree: TreeNode,
  diagnostics: Diagnostics,
): void {
  const { message: expected } = issue;
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
  const allowed = issue.code === "invalid_value" ? issue.values : [];
  const texts = allowed.filter((value) => typeof value === "string");
  const guess = node.kind === "scalar" ? didYouMean(node.text, texts) : "";
  diagnostics.malformed(
    "wrong-value",
    node.kind === "scalar" ? spanAt(tree, path) : keySpanAt(tree, path),
    `${place}expected ${expected}; found ${describe(node)}${guess}`,
    hintFor(node, takenAt(schema, path), issue.code === "custom" && issue.params?.isWellFormed === true),
  );
}

function treePath(path: readonly PropertyKey[]): TreePath {
  return path.map((part) => (typeof part === "number" ? part : String(part)));
}
