import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { hasCode, messageOf } from "../support/errors.js";
import type { Diagnostics } from "./diagnostic.js";
import { FeedProblem, type Rows, readRows } from "./feed-rows.js";
import { readPem } from "./pem.js";
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
  readonly rows: Rows;
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
function wholeRows(rows: readonly (Readonly<Record<string, string | undefined>> | undefined)[]): Rows | null {
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

async function readBytes(
  at: TreePath,
  file: string,
  tree: TreeNode,
  diagnostics: Diagnostics,
): Promise<Buffer | null> {
  const absolute = resolvePath(tree, at, file);
  const shown = nodeAt(tree, at);
  const name = shown?.kind === "scalar" ? shown.written : file;
  try {
    const info = await stat(absolute);
    if (!info.isFile()) throw new Error("it is not a file");
    if (info.size > LARGEST_FEED_BYTES) throw new Error(`it is larger than ${LARGEST_FEED_BYTES / 1e6} MB`);
    return await readFile(absolute);
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
): Promise<Rows | null> {
  const bytes = await readBytes(at, file, tree, diagnostics);
  if (bytes === null) return null;
  const name = path.basename(file);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    diagnostics.error("file", spanAt(tree, at), `${name} is not UTF-8 text`, "Save it as UTF-8.");
    return null;
  }
  try {
    return await readRows(text, /\.json$/i.test(file) ? "json" : "csv");
  } catch (error) {
    if (!(error instanceof FeedProblem)) throw error;
    diagnostics.error("file", spanAt(tree, at), `${name} ${error.message}`, error.help);
    return null;
  }
}

async function readTls(
  tls: Sound<LoadInput>["tls"],
  tree: TreeNode,
  diagnostics: Diagnostics,
): Promise<ScenarioFiles["tls"]> {
  const read = async (key: "ca" | "cert" | "key") => {
    const file = tls?.[key];
    if (file === undefined) return null;
    const at = ["load", "tls", key];
    const bytes = await readBytes(at, file, tree, diagnostics);
    if (bytes === null) return null;
    const pem = readPem(key === "key" ? "key" : "certificate", bytes);
    if (pem.ok) return pem.text;
    diagnostics.error("file", spanAt(tree, at), `${path.basename(file)} ${pem.message}`, pem.help);
    return null;
  };
  const ca = await read("ca");
  const cert = await read("cert");
  const key = await read("key");
  if (cert !== null && key !== null && !new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
    diagnostics.error(
      "file",
      spanAt(tree, ["load", "tls", "key"]),
      "this private key is not that of the certificate",
      "A pair has one public key: openssl x509 -in CERT -noout -pubkey and openssl pkey -in KEY -pubout print the same.",
    );
  }
  return { ca, cert, key };
}
