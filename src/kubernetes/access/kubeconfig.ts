import { dirname, isAbsolute, join, resolve } from "node:path";
import { parseDocument } from "yaml";
import { hasCode, headOf } from "../../support/errors.js";
import { readRegularFile } from "../../support/read-regular-file.js";
import { isObject, textAt } from "../objects.js";
import { configProblem } from "../problem.js";

type Env = Readonly<Record<string, string | undefined>>;

/** An entry of a list of a kubeconfig, and the folder of its file: paths in it are relative to that. */
export interface ConfigEntry {
  readonly value: unknown;
  readonly folder: string;
}

/** Several kubeconfigs as one. For each name the first file that has it decides. */
export interface Kubeconfig {
  /** Absolute paths of those that are there. */
  readonly files: readonly string[];
  /** null: none says it. */
  readonly currentContext: string | null;
  readonly contexts: ReadonlyMap<string, ConfigEntry>;
  readonly clusters: ReadonlyMap<string, ConfigEntry>;
  readonly users: ReadonlyMap<string, ConfigEntry>;
}

const MOST_BYTES = 4_000_000;

/** The files that a user's environment names: KUBECONFIG, else ~/.kube/config. */
export function kubeconfigFiles({ KUBECONFIG = "", HOME = "" }: Env, cwd: string): readonly string[] {
  const named = KUBECONFIG.split(":").filter((file) => file !== "");
  if (named.length > 0) return named.map((file) => resolve(cwd, file));
  return HOME === "" ? [] : [join(HOME, ".kube", "config")];
}

/**
 * Reads kubeconfigs. Files that are not there are passed over, as kubectl does.
 * @returns null when none is there.
 * @throws ClusterProblem for one that cannot be read.
 */
export async function readKubeconfigs(files: readonly string[]): Promise<Kubeconfig | null> {
  const read: { readonly file: string; readonly value: unknown }[] = [];
  for (const file of files) {
    const value = await readOne(file);
    if (value !== undefined) read.push({ file, value });
  }
  if (read.length === 0) return null;
  const currents = read.map(({ value }) => textAt(value, "current-context") ?? "");
  return {
    files: read.map(({ file }) => file),
    currentContext: currents.find((name) => name !== "") ?? null,
    contexts: joined(read, "contexts", "context"),
    clusters: joined(read, "clusters", "cluster"),
    users: joined(read, "users", "user"),
  };
}

/** @returns undefined when it is not there. */
async function readOne(file: string): Promise<unknown> {
  let text: string;
  try {
    text = (await readRegularFile(file, { mostBytes: MOST_BYTES, beyond: "refuse" })).toString("utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return undefined;
    throw configProblem(`cannot read the kubeconfig ${file}: ${headOf(error)}`);
  }
  const document = parseDocument(text, { prettyErrors: false });
  const [mistake] = document.errors;
  if (mistake) {
    // The parser's words may quote the file, which holds secrets.
    const line = text.slice(0, mistake.pos[0]).split("\n").length;
    throw configProblem(
      `the kubeconfig ${file} is not YAML that can be read: line ${line} (${mistake.code})`,
    );
  }
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  if (value === null) return {};
  if (!isObject(value)) throw configProblem(`the kubeconfig ${file} is no map of keys`);
  return value;
}

function joined(
  read: readonly { readonly file: string; readonly value: unknown }[],
  list: "contexts" | "clusters" | "users",
  key: "context" | "cluster" | "user",
): ReadonlyMap<string, ConfigEntry> {
  const found = new Map<string, ConfigEntry>();
  for (const { file, value } of read) {
    const items = isObject(value) ? (value[list] ?? []) : [];
    if (!Array.isArray(items)) throw configProblem(`\`${list}\` in the kubeconfig ${file} is no list`);
    for (const item of items) {
      const name = textAt(item, "name");
      if (name === undefined)
        throw configProblem(`an entry under \`${list}\` in the kubeconfig ${file} has no name`);
      if (found.has(name)) continue;
      found.set(name, { value: isObject(item) ? (item[key] ?? {}) : {}, folder: dirname(file) });
    }
  }
  return found;
}

/** A path in a kubeconfig is relative to the folder of its file. */
export function pathIn(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}

/** A PEM text or a token that a kubeconfig has itself (in base64), or in a file. @returns null when it has neither. */
export async function inlineOrFile(
  entry: ConfigEntry,
  dataKey: string,
  fileKey: string,
): Promise<string | null> {
  const data = textAt(entry.value, dataKey);
  if (data !== undefined && data !== "") return Buffer.from(data, "base64").toString("utf8");
  const file = textAt(entry.value, fileKey);
  if (file === undefined || file === "") return null;
  return readConfigFile(pathIn(entry.folder, file), fileKey);
}

/** @throws ClusterProblem */
export async function readConfigFile(path: string, whose: string): Promise<string> {
  try {
    return (await readRegularFile(path, { mostBytes: MOST_BYTES, beyond: "refuse" })).toString("utf8");
  } catch (error) {
    throw configProblem(`cannot read ${path} (\`${whose}\`): ${headOf(error)}`);
  }
}
