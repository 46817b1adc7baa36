import type { Diagnostics } from "../diagnostics/diagnostic.js";
import type { MapEntry, MapNode, ScalarNode, SeqNode, TreeNode, TreePath } from "../text/tree.js";
import { CommandError, splitCommand } from "./split-command.js";
import { plainText, WHOLE_VALUE } from "./whole-value.js";

interface CommandKey {
  readonly path: readonly string[];
  readonly several: boolean;
}

/** The key of a check, and of a signal, that holds its command. */
const RUN: readonly CommandKey[] = [{ path: ["run"], several: false }];

/** Keys of a service that hold commands, and whether one of them or several. */
const KEYS: readonly CommandKey[] = [
  ...RUN,
  { path: ["prepare"], several: true },
  { path: ["cleanup"], several: true },
  { path: ["ready", "command"], several: false },
];

/** Whether a key of a service, and the key below it, lead to a command or to a part of one. */
export function isCommandKey(
  key: TreePath[number] | undefined,
  below: TreePath[number] | undefined,
): boolean {
  return KEYS.some(
    ({ path: [first, second] }) => first === key && (second === undefined || second === below),
  );
}

/** services.shop.run, checks[0].run or signals.queue.run as one text. It is split later, with the values in it whole. */
export function isCommand([section, , ...rest]: TreePath): boolean {
  if (section === "checks" || section === "signals") return rest.length === 1 && rest[0] === "run";
  return (
    section === "services" &&
    KEYS.some(({ path, several }) => {
      const isThere = path.every((key, index) => rest[index] === key);
      return isThere && (rest.length === path.length || (several && rest.length === path.length + 1));
    })
  );
}

/**
 * The tree with the commands of each service, check and signal split into program and arguments, unless a shell reads
 * them. Before, their texts mark values from the environment as whole ones. Afterwards nothing is marked.
 */
export function splitCommands(root: TreeNode, diagnostics: Diagnostics): TreeNode {
  const named = [
    ["services", KEYS],
    ["signals", RUN],
  ] as const;
  const ofNamed = named.reduce<TreeNode>((tree, [section, keys]) => {
    return changed(tree, [section], (all) => withSplitNamed(all, keys, diagnostics));
  }, root);
  return changed(ofNamed, ["checks"], (checks) => {
    if (checks.kind !== "seq") return checks;
    return { ...checks, items: checks.items.map((check) => withSplitCommands(check, RUN, diagnostics)) };
  });
}

function withSplitNamed(all: TreeNode, keys: readonly CommandKey[], diagnostics: Diagnostics): TreeNode {
  if (all.kind !== "map") return all;
  return [...all.entries.keys()].reduce<TreeNode>(
    (tree, name) => changed(tree, [name], (one) => withSplitCommands(one, keys, diagnostics)),
    all,
  );
}

/** `runs`: a map with commands at these keys, and perhaps with `shell`. */
function withSplitCommands(runs: TreeNode, keys: readonly CommandKey[], diagnostics: Diagnostics): TreeNode {
  const shell = runs.kind === "map" ? runs.entries.get("shell")?.value : undefined;
  // Not `!shell`: a malformed `shell` may be meant as true.
  const isSplit = shell === undefined || (shell.kind === "scalar" && shell.value === false);
  const one = (command: TreeNode): TreeNode => {
    if (command.kind !== "scalar") return command;
    return (isSplit && typeof command.value === "string" && split(command, diagnostics)) || plain(command);
  };
  return keys.reduce<TreeNode>(
    (all, { path, several }) =>
      changed(all, path, (value) => {
        if (!several) return one(value);
        if (value.kind === "seq") return { ...value, items: value.items.map(one) };
        return { kind: "seq", span: value.span, items: [one(value)] };
      }),
    runs,
  );
}

/** @returns null, after a complaint, when it is no command. */
function split(run: ScalarNode, diagnostics: Diagnostics): SeqNode | null {
  const { span } = run;
  try {
    const words = splitCommand(run.text);
    if (words.length === 0) {
      // The schema complains of a text of no characters, but not of blanks.
      if (plainText(run.text) !== "") diagnostics.error("wrong-value", span, "expected a command");
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

function changed(node: TreeNode, [key, ...below]: TreePath, change: (value: TreeNode) => TreeNode): TreeNode {
  if (key === undefined) return change(node);
  const entry = node.kind === "map" ? node.entries.get(String(key)) : undefined;
  if (node.kind !== "map" || !entry) return node;
  const entries = new Map<string, MapEntry>(node.entries);
  entries.set(String(key), { ...entry, value: changed(entry.value, below, change) });
  return { ...node, entries } satisfies MapNode;
}
