import type { Diagnostics } from "../diagnostics/diagnostic.js";
import type { MapEntry, MapNode, ScalarNode, SeqNode, TreeNode } from "../text/tree.js";
import { CommandError, splitCommand } from "./split-command.js";
import { plainText, WHOLE_VALUE } from "./whole-value.js";

/**
 * The tree with each service's `run:` split into program and arguments, unless a shell reads it. Before, the texts of
 * `run` mark values from the environment as whole ones. Afterwards nothing is marked.
 */
export function splitRuns(root: TreeNode, diagnostics: Diagnostics): TreeNode {
  return changed(root, "services", (services) => {
    if (services.kind !== "map") return services;
    return [...services.entries.keys()].reduce<TreeNode>(
      (all, name) => changed(all, name, (service) => withSplitRun(service, diagnostics)),
      services,
    );
  });
}

function withSplitRun(service: TreeNode, diagnostics: Diagnostics): TreeNode {
  const shell = service.kind === "map" ? service.entries.get("shell")?.value : undefined;
  // Not `!shell`: a malformed `shell` may be meant as true.
  const isSplit = shell === undefined || (shell.kind === "scalar" && shell.value === false);
  return changed(service, "run", (run) => {
    if (run.kind !== "scalar") return run;
    return (isSplit && typeof run.value === "string" && split(run, diagnostics)) || plain(run);
  });
}

/** @returns null, after a complaint, when it is no command. */
function split(run: ScalarNode, diagnostics: Diagnostics): SeqNode | null {
  const { span } = run;
  try {
    const words = splitCommand(run.text);
    if (words.length === 0) {
      diagnostics.error("wrong-value", span, "expected a command");
      return null;
    }
    if (isWordsAsProgram(run.text)) {
      diagnostics.error(
        "wrong-value",
        span,
        `\`${run.written.trim().split(/\s/)[0]}\` fills one word, and its value has several: there is no such program`,
        "Write the words themselves, with a variable for each part that changes, or add shell: true. In quotes it is one word.",
      );
      return null;
    }
    const items = words.map((word): ScalarNode => ({ ...run, value: word, text: word }));
    return { kind: "seq", span, items };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const help = "Add shell: true to run it with /bin/sh, or quote the character.";
    diagnostics.error("wrong-value", span, error.message, help);
    return null;
  }
}

/** The program is one value from the environment, without quotes, and it holds blanks. */
function isWordsAsProgram(text: string): boolean {
  const program = new RegExp(`^\\s*(${WHOLE_VALUE})(?:\\s|$)`).exec(text)?.[1];
  return program !== undefined && /\S\s+\S/.test(plainText(program));
}

function plain(scalar: ScalarNode): ScalarNode {
  return { ...scalar, text: plainText(scalar.text) };
}

function changed(node: TreeNode, key: string, change: (value: TreeNode) => TreeNode): TreeNode {
  const entry = node.kind === "map" ? node.entries.get(key) : undefined;
  if (node.kind !== "map" || !entry) return node;
  const entries = new Map<string, MapEntry>(node.entries);
  entries.set(key, { ...entry, value: change(entry.value) });
  return { ...node, entries } satisfies MapNode;
}
