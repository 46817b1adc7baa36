import { createPrivateKey, X509Certificate } from "node:crypto";
import { realpathSync } from "node:fs";
import path from "node:path";
import type { Pem } from "../../faults/between/pem.js";
import { parseTemplate, type TemplatePart } from "../../notation/template.js";
import type { ValidParts } from "../../quantities/valid-parts.js";
import { readPieces } from "../../support/read-regular-file.js";
import { packRows } from "../feeds/feed-packer.js";
import type { FeedTable } from "../feeds/feed-table.js";
import { readCsvRows } from "../feeds/read-csv.js";
import { readJsonRows } from "../feeds/read-json.js";
import type { ScenarioData } from "../schema/scenario.js";
import type { TlsInput } from "../schema/tls.js";
import { spanAt, type TreePath } from "../text/tree.js";
import { readEnvFile } from "./env-file.js";
import { complainOfFile, type FileReading, isJson, LARGEST_CSV_BYTES, resolvePath } from "./file-reading.js";
import { readPem } from "./pem.js";
import { type ReadRequests, readRequests } from "./request-files.js";

/** What the scenario's other files hold. */
export interface ScenarioFiles {
  readonly feeds: readonly Feed[];
  readonly tls: PemFiles;
  /** By the proxy whose upstream they are for. */
  readonly proxyTls: Readonly<Record<string, Readonly<Record<keyof PemFiles, Pem | null>>>>;
  /** Of each check, in their order. null: it is asked without. */
  readonly checkTls: readonly (PemFiles | null)[];
  /** By the signal that is read with them. */
  readonly signalTls: Readonly<Record<string, PemFiles>>;
  /** null: alerts are watched without. */
  readonly alertTls: PemFiles | null;
  /** By the key of the receiver under `telemetry:`. */
  readonly telemetryTls: Readonly<Record<string, PemFiles>>;
  /** By the service that gets them. */
  readonly serviceEnvFiles: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly requests: ReadRequests;
}

/** PEM texts. */
export interface PemFiles {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
}

export interface Feed {
  readonly name: string;
  readonly pick: "round-robin" | "random";
  readonly table: FeedTable;
  /** Messages may show the names of its columns. */
  readonly mayQuote: boolean;
}

/** A list in JSON can only be read as a whole, which takes about twenty times as much memory. */
const LARGEST_JSON_BYTES = 16_000_000;
const LARGEST_PEM_BYTES = 1_000_000;
const LARGEST_ENV_FILE_BYTES = 1_000_000;

/** Reads data feeds, certificates and files of environment variables. Complaints point at the key that names the file. */
export async function readFiles(
  {
    load = {},
    proxies = {},
    services = {},
    checks = [],
    signals = {},
    alerts,
    telemetry = {},
  }: ValidParts<ScenarioData>,
  reading: FileReading,
): Promise<ScenarioFiles> {
  const feeds: Feed[] = [];
  for (const [name, feed] of Object.entries(load.data ?? {})) {
    const { file, rows, pick = "round-robin" } = feed ?? {};
    if (rows) {
      const whole = wholeRows(rows);
      if (whole) feeds.push({ name, pick, table: packRows(whole), mayQuote: true });
    } else if (file !== undefined) {
      const read = await readFeed(["load", "data", name, "file"], file, reading);
      if (read) feeds.push({ name, pick, ...read });
    }
  }
  const proxyTls: Record<string, ScenarioFiles["proxyTls"][string]> = {};
  for (const [name, proxy] of Object.entries(proxies)) {
    if (proxy?.tls) proxyTls[name] = await readProxyTls(["proxies", name, "tls"], proxy.tls, reading);
  }
  const serviceEnvFiles: Record<string, Readonly<Record<string, string>>> = {};
  for (const [name, service] of Object.entries(services)) {
    const { envFile } = service ?? {};
    const at = ["services", name, "envFile"];
    const files = typeof envFile === "string" ? [envFile] : (envFile ?? []);
    let values: Readonly<Record<string, string>> = {};
    for (const [index, file] of files.entries()) {
      if (file === undefined) continue;
      const place = typeof envFile === "string" ? at : [...at, index];
      values = { ...values, ...(await readEnvironment(place, file, reading)) };
    }
    serviceEnvFiles[name] = values;
  }
  const checkTls: (PemFiles | null)[] = [];
  for (const [index, check] of checks.entries()) {
    const tls = typeof check?.http === "object" ? check.http.tls : undefined;
    checkTls.push(tls ? await readTls(["checks", index, "http", "tls"], tls, reading) : null);
  }
  const signalTls: Record<string, PemFiles> = {};
  for (const [name, signal] of Object.entries(signals)) {
    if (signal?.tls) signalTls[name] = await readTls(["signals", name, "tls"], signal.tls, reading);
  }
  const alertTls = alerts?.tls ? await readTls(["alerts", "tls"], alerts.tls, reading) : null;
  const telemetryTls: Record<string, PemFiles> = {};
  for (const [key, receiver] of Object.entries(telemetry)) {
    const told = typeof receiver === "object" ? receiver.tls : undefined;
    if (told) telemetryTls[key] = await readTls(["telemetry", key, "tls"], told, reading);
  }
  const tls = await readTls(["load", "tls"], load.tls, reading);
  const requests = await readRequests(load, reading);
  return { feeds, tls, proxyTls, checkTls, signalTls, alertTls, telemetryTls, serviceEnvFiles, requests };
}

async function readEnvironment(
  at: TreePath,
  file: string,
  reading: FileReading,
): Promise<Readonly<Record<string, string>>> {
  const limit = { mostBytes: LARGEST_ENV_FILE_BYTES, beyond: "refuse" } as const;
  try {
    const bytes = await reading.access.read(resolvePath(reading.tree, at, file), limit);
    return readEnvFile(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    complainOfFile(error, at, file, reading);
    return {};
  }
}

/** @returns null when a value is missing because it is malformed. */
function wholeRows(
  rows: readonly (Readonly<Record<string, string | undefined>> | undefined)[],
): readonly Readonly<Record<string, string>>[] | null {
  const whole: Record<string, string>[] = [];
  for (const row of rows) {
    const cells: Record<string, string> = {};
    for (const [name, value] of Object.entries(row ?? {})) if (value !== undefined) cells[name] = value;
    if (!row || Object.keys(cells).length < Object.keys(row).length) return null;
    whole.push(cells);
  }
  return whole;
}

async function readFeed(
  at: TreePath,
  file: string,
  reading: FileReading,
): Promise<Pick<Feed, "table" | "mayQuote"> | null> {
  try {
    const absolute = reading.access.resolve(resolvePath(reading.tree, at, file));
    // A link's name says nothing of its target, which may be somebody's key.
    const mayQuote = /\.(csv|json)$/i.test(realpathSync(absolute));
    if (!isJson(file))
      return { table: await readCsvRows(readPieces(absolute, LARGEST_CSV_BYTES), mayQuote), mayQuote };
    const bytes = await reading.access.read(absolute, { mostBytes: LARGEST_JSON_BYTES, beyond: "refuse" });
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { table: await readJsonRows(text, mayQuote), mayQuote };
  } catch (error) {
    complainOfFile(error, at, file, reading);
    return null;
  }
}

/** Files in the folder of the run are made while services start. They are left to the run. */
async function readProxyTls(
  place: TreePath,
  tls: ValidParts<TlsInput>,
  reading: FileReading,
): Promise<ScenarioFiles["proxyTls"][string]> {
  const there: Partial<Record<keyof PemFiles, string>> = {};
  const later: Partial<Record<keyof PemFiles, Pem>> = {};
  for (const key of PEM_KEYS) {
    const file = tls[key];
    if (file === undefined) continue;
    const parts = parseTemplate(file);
    if (parts.some(({ kind }) => kind === "slot")) {
      later[key] = { file };
      checkInRunFolder([...place, key], parts, reading);
    } else there[key] = parts.map((part) => (part.kind === "text" ? part.text : "")).join("");
  }
  return { ...(await readTls(place, there, reading)), ...later };
}

const PEM_KEYS = ["ca", "cert", "key"] as const;

/** `${run.dir}` is the only slot that may stand there. */
function checkInRunFolder(
  at: TreePath,
  [first, ...rest]: readonly TemplatePart[],
  { tree, diagnostics }: FileReading,
): void {
  const path = rest.map((part) => (part.kind === "text" ? part.text : "/..")).join("");
  if (first?.kind === "slot" && path.startsWith("/") && !path.split("/").includes("..")) return;
  const help = "Write ${run.dir}/NAME.pem for a file that a service's `prepare:` makes.";
  diagnostics.error("wrong-value", spanAt(tree, at), "this is no file in the folder of the run", help);
}

async function readTls(
  place: TreePath,
  tls: Partial<Record<keyof PemFiles, string | undefined>> | undefined,
  reading: FileReading,
): Promise<PemFiles> {
  const { tree, access, diagnostics } = reading;
  const limit = { mostBytes: LARGEST_PEM_BYTES, beyond: "refuse" } as const;
  const read = async (key: "ca" | "cert" | "key") => {
    const file = tls?.[key];
    if (file === undefined) return null;
    const at = [...place, key];
    let bytes: Buffer;
    try {
      bytes = await access.read(resolvePath(tree, at, file), limit);
    } catch (error) {
      complainOfFile(error, at, file, reading);
      return null;
    }
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
      spanAt(tree, [...place, "key"]),
      "this private key is not that of the certificate",
      "A pair has one public key: openssl x509 -in CERT -noout -pubkey and openssl pkey -in KEY -pubout print the same.",
    );
  }
  return { ca, cert, key };
}
