import path from "node:path";
import { hasCode, messageOf } from "../../support/errors.js";
import { UnfitFile } from "../../support/read-regular-file.js";
import type { Diagnostics } from "../diagnostics/diagnostic.js";
import { TooManyValues } from "../feeds/feed-packer.js";
import { FeedProblem } from "../feeds/feed-problem.js";
import { MOST_VALUES } from "../feeds/feed-table.js";
import type { Span } from "../text/source.js";
import { nodeAt, spanAt, type TreeNode, type TreePath } from "../text/tree.js";
import { EnvFileProblem } from "./env-file.js";
import type { FileAccess } from "./file-access.js";

/** What is read of other files, and where complaints about it go: to the key that names the file. */
export interface FileReading {
  readonly tree: TreeNode;
  readonly access: FileAccess;
  readonly diagnostics: Diagnostics;
  /** Names of files are shown from here. */
  readonly cwd: string;
}

/** A row takes little memory while it is read. */
export const LARGEST_CSV_BYTES = 64_000_000;

/** A path is relative to the file that holds it. */
export function resolvePath(tree: TreeNode, at: TreePath, file: string): string {
  return path.resolve(spanAt(tree, at).source.folder, file);
}

/** Says at the key why a file cannot be used. Rethrows errors that do not concern the user. */
export function complainOfFile(
  error: unknown,
  at: TreePath,
  file: string,
  { tree, diagnostics }: FileReading,
): void {
  const shown = nodeAt(tree, at);
  const name = shown?.kind === "scalar" ? shown.written : file;
  complainAtSpan(error, spanAt(tree, at), file, name, diagnostics);
}

/** The same at any place. `name`: of the file, as that place writes it. */
export function complainAtSpan(
  error: unknown,
  span: Span,
  file: string,
  name: string,
  diagnostics: Diagnostics,
): void {
  const base = path.basename(file);
  if (error instanceof FeedProblem || error instanceof EnvFileProblem) {
    diagnostics.error("file", span, `${base} ${error.message}`, error.help);
    return;
  }
  if (error instanceof TooManyValues) {
    const help = "Leave out the columns that no request uses, or rows.";
    const message = `${base} has more than ${MOST_VALUES / 1e6} million values`;
    diagnostics.error("file", span, message, help);
    return;
  }
  if (error instanceof TypeError) {
    diagnostics.error("file", span, `${base} is not UTF-8 text`, "Save it as UTF-8.");
    return;
  }
  const isOfSystem = error instanceof Error && "code" in error;
  if (!isOfSystem && !(error instanceof UnfitFile)) throw error;
  const reason = hasCode(error, "ENOENT") ? "it does not exist" : messageOf(error).replace(/, \w+ '.*'$/, "");
  const isTooLarge = error instanceof UnfitFile && error.sizeBytes !== null;
  const help =
    isTooLarge && isJson(file) ? LARGE_JSON_HELP : "A path is relative to the file that it is written in.";
  diagnostics.error("file", span, `cannot read ${name}: ${reason}`, help);
}

const LARGE_JSON_HELP = `A longer list is better a CSV file, which is read row by row: up to ${LARGEST_CSV_BYTES / 1e6} MB.`;

export const isJson = (file: string) => /\.json$/i.test(file);
