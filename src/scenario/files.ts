import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { hasCode, messageOf } from "../support/errors.js";
import type { Diagnostics } from "./diagnostic.js";
import type { LoadInput } from "./schema/load.js";
import type { Sound } from "./sound.js";
import { nodeAt, spanAt, type TreeNode, type TreePath } from "./tree.js";

/** What the scenario's other files hold. */
export interface ScenarioFiles {
  readonly feeds: readonly FeedRows[];
  /** PEM texts. */
  readonly tls: { readonly ca: string | null; readonly cert: string | null; readonly key: string | null };
}

export interface FeedRows {
  readonly name: string;
  readonly pick: "round-robin" | "random";
  readonly rows: readonly Readonly<Record<string, string>>[];
}

/** The rows are held in memory by each load thread. */
const LARGEST_FEED_BYTES = 64_000_000;

/** Reads data feeds and certificates; complaints point at the key that names the file. */
export async function readFiles(
  load: Sound<LoadInput>,
  tree: TreeNode,
  diagnostics: Diagnostics,
): Promise<ScenarioFiles> {
  const feeds: FeedRows[] = [];
  for (const [name, feed] of Object.entries(load.data ?? {})) {
    const { file, rows, pick = "round-robin" } = feed ?? {};
    if (rows) {
      const whole = wholeRows(rows);
      if (whole) feeds.push({ name, pick, rows: whole });
    } else if (file !== undefined) {
      const read = await readFeed(["load", "data", name, "file"], file, tree, diagnostics);
      if (read) feeds.push({ name, pick, rows: read });
    }
  }
  return { feeds, tls: await readTls(load.tls, tree, diagnostics) };
}

/** null when a value is missing because it is malformed. */
function wholeRows(
  rows: readonly (Readonly<Record<string, string | undefined>> | undefined)[],
): FeedRows["rows"] | null {
  const whole: Record<string, string>[] = [];
  for (const row of rows) {
    const cells: Record<string, string> = {};
    for (const [name, value] of Object.entries(row ?? {})) if (value !== undefined) cells[name] = value;
    if (!row || Object.keys(cells).length < Object.keys(row).length) return null;
    whole.push(cells);
  }
  return whole;
}

/** A path is relative to the file that it is written in. */
export function resolvePath(tree: TreeNode, at: TreePath, file: string): string {
  return path.resolve(spanAt(tree, at).source.folder, file);
}

async function readText(
  at: TreePath,
  file: string,
  tree: TreeNode,
  diagnostics: Diagnostics,
): Promise<string | null> {
  const absolute = resolvePath(tree, at, file);
  const shown = nodeAt(tree, at);
  const name = shown?.kind === "scalar" ? shown.written : file;
  try {
    const info = await stat(absolute);
    if (!info.isFile()) throw new Error("it is not a file");
    if (info.size > LARGEST_FEED_BYTES) throw new Error(`it is larger than ${LARGEST_FEED_BYTES / 1e6} MB`);
    return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(absolute));
  } catch (error) {
    const reason = hasCode(error, "ENOENT")
      ? "it does not exist"
      : messageOf(error).replace(`, open '${absolute}'`, "");
    const help = "A path is relative to the file that it is written in.";
    diagnostics.error("file", spanAt(tree, at), `cannot read ${name}: ${reason}`, help);
    return null;
  }
}

async function readFeed(
  at: TreePath,
  file: string,
  tree: TreeNode,
  diagnostics: Diagnostics,
): Promise<FeedRows["rows"] | null> {
  const text = await readText(at, file, tree, diagnostics);
  if (text === null) return null;
  try {
    const rows = /\.json$/i.test(file) ? jsonRows(text) : await csvRows(text);
    if (rows.length > 0) return rows;
    diagnostics.error("file", spanAt(tree, at), `${path.basename(file)} has no rows`);
  } catch (error) {
    diagnostics.error("file", spanAt(tree, at), `${path.basename(file)}: ${messageOf(error)}`);
  }
  return null;
}

async function csvRows(text: string): Promise<FeedRows["rows"]> {
  const { parse } = await import("csv-parse/sync");
  let header: readonly string[] = [];
  const rows: Record<string, string>[] = parse(text, {
    columns: (names: string[]) => {
      const twice = names.find((name, index) => names.indexOf(name) !== index);
      if (twice !== undefined) throw new Error(`two columns are called "${twice}"`);
      header = names;
      return names;
    },
    skip_empty_lines: true,
    trim: true,
  });
  if (header.length > 0 && header.every((name) => name === ""))
    throw new Error("its first line names no columns");
  return rows;
}

function jsonRows(text: string): FeedRows["rows"] {
  const parsed: unknown = JSON.parse(text);
  if (!Array.isArray(parsed)) throw new Error("expected a JSON list of maps");
  return parsed.map((row: unknown, index) => {
    if (row === null || typeof row !== "object" || Array.isArray(row)) {
      throw new Error(`item ${index} is not a map of names to values`);
    }
    return Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    );
  });
}

async function readTls(
  tls: Sound<LoadInput>["tls"],
  tree: TreeNode,
  diagnostics: Diagnostics,
): Promise<ScenarioFiles["tls"]> {
  const read = async (key: "ca" | "cert" | "key", check: (pem: string) => void) => {
    const file = tls?.[key];
    if (file === undefined) return null;
    const at = ["load", "tls", key];
    const text = await readText(at, file, tree, diagnostics);
    if (text === null) return null;
    try {
      check(text);
      return text;
    } catch (error) {
      const what = key === "key" ? "an unencrypted PEM private key" : "a PEM certificate";
      const reason = messageOf(error);
      diagnostics.error("file", spanAt(tree, at), `${path.basename(file)} is not ${what} (${reason})`);
      return null;
    }
  };
  const ca = await read("ca", (pem) => void new X509Certificate(pem));
  const cert = await read("cert", (pem) => void new X509Certificate(pem));
  const key = await read("key", (pem) => void createPrivateKey(pem));
  if (cert !== null && key !== null && !new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
    diagnostics.error(
      "file",
      spanAt(tree, ["load", "tls", "key"]),
      "this private key is not that of the certificate",
    );
  }
  return { ca, cert, key };
}
