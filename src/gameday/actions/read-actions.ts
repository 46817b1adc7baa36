import { lstat } from "node:fs/promises";
import path from "node:path";
import type { Diagnostics } from "../../scenario/diagnostics/diagnostic.js";
import type { DocumentFormat } from "../../scenario/diagnostics/document-format.js";
import { reportIssues } from "../../scenario/diagnostics/schema-issues.js";
import { FileAccess } from "../../scenario/read/file-access.js";
import { readSource } from "../../scenario/read/read-source.js";
import { parseYaml } from "../../scenario/read/yaml.js";
import type { Source, Span } from "../../scenario/text/source.js";
import { keySpanAt, plainValue, spanAt, type TreeNode } from "../../scenario/text/tree.js";
import { readRegularFile } from "../../support/read-regular-file.js";
import { actionsSchema, type KeptAction } from "../schema/actions.js";

const ACTIONS_FORMAT: DocumentFormat = {
  schema: actionsSchema,
  versionKey: "actions",
  keysReadBefore: [],
  otherNames: {
    name: ["id"],
    title: ["what"],
    text: ["what"],
    assignee: ["owner"],
    deadline: ["due"],
    issue: ["ticket"],
    state: ["status"],
  },
  saidElsewhere: [],
  homes: [{ path: ["items"], words: "it belongs to an item under items", from: /^$/ }],
};

/** A team's action items, and where each part of them stands. */
export interface ActionsFile {
  /** Absolute. */
  readonly path: string;
  readonly items: readonly KeptAction[];
  readonly placeOf: (...at: readonly (string | number)[]) => Span;
}

/** The name by which it is found where the game day names none. */
export const ACTIONS_FILE = "actions.yaml";
const MOST_BYTES = 1_000_000;

/**
 * Whether a team keeps action items there: others may call a file so, too. A broken one of ours still begins as it should.
 */
export async function isActionsFile(absolute: string): Promise<boolean> {
  try {
    if (!(await lstat(absolute)).isFile()) return false;
    const bytes = await readRegularFile(absolute, { mostBytes: MOST_BYTES, beyond: "cut" });
    return /^(?:\uFEFF)?["']?actions["']?\s*:/m.test(bytes.toString("utf8"));
  } catch {
    return false;
  }
}

/**
 * Reads action items and checks them by themselves. What is wrong inside is told to `diagnostics`.
 * @param name as complaints call the file.
 * @returns null when their form is wrong.
 * @throws FaultlineError FILE_NOT_FOUND, FILE_UNREADABLE
 */
export async function readActions(
  absolute: string,
  name: string,
  diagnostics: Diagnostics,
): Promise<ActionsFile | null> {
  const { source } = await readSource(absolute, name, FileAccess.everywhere(), "a file of action items");
  const parsed = parseActions(source, diagnostics);
  if (parsed === null) return null;
  const { items, tree } = parsed;
  checkItems(items, tree, diagnostics);
  return { path: absolute, items, placeOf: (...at) => spanAt(tree, at) };
}

/** @returns null when it is not one of ours; the reason is told to `diagnostics`. */
export function parseActions(
  source: Source,
  diagnostics: Diagnostics,
): { readonly items: readonly KeptAction[]; readonly tree: TreeNode } | null {
  const tree = parseYaml(source, diagnostics);
  if (!tree) return null;
  const checked = actionsSchema.safeParse(plainValue(tree));
  if (checked.success) return { items: checked.data.items, tree };
  reportIssues(checked.error.issues, ACTIONS_FORMAT, tree, diagnostics);
  return null;
}

function checkItems(items: readonly KeptAction[], tree: TreeNode, diagnostics: Diagnostics): void {
  const ids = new Set<string>();
  items.forEach(({ id, status, scenario, fault }, index) => {
    const at = ["items", index];
    if (ids.has(id))
      diagnostics.error("duplicate", spanAt(tree, [...at, "id"]), `another item is called \`${id}\``);
    ids.add(id);
    if (scenario !== undefined) return;
    if (fault !== undefined) {
      const message = `items[${index}]: \`fault\` needs the \`scenario\` that it is in`;
      diagnostics.malformed("missing-key", keySpanAt(tree, [...at, "fault"]), message);
    } else if (status === "mended") {
      const message = `items[${index}]: it is mended, but nothing says what shows that`;
      const help = "Add scenario: slow-cache.yaml (and fault: its name), or write status: closed.";
      diagnostics.malformed("missing-key", spanAt(tree, [...at, "status"]), message, help);
    }
  });
}

/** Of an item, as a user in the game day's folder names it. @returns null when it names none. */
export function scenarioOf({ scenario }: KeptAction, actionsPath: string, folder: string): string | null {
  if (scenario === undefined) return null;
  return path
    .relative(folder, path.resolve(path.dirname(actionsPath), scenario))
    .split(path.sep)
    .join("/");
}
