import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { readRegularFile } from "../../support/read-regular-file.js";
import { LARGEST_FILE_BYTES } from "./yaml.js";

/**
 * The scenario files that paths name, in order, each once.
 * - A folder stands for all *.yaml and *.yml files in and below it that begin a scenario: a line begins with
 *   `faultline:`, or with one of `versionKeys`. Shared parts and other YAML files are left out.
 * - A path that does not exist is kept: reading it tells the user.
 * - A symbolic link is kept when its author is not trusted: its target is not looked at here.
 */
export async function findScenarios(
  paths: readonly string[],
  cwd: string,
  {
    isTrusted = true,
    versionKeys = ["faultline"],
  }: { readonly isTrusted?: boolean; readonly versionKeys?: readonly string[] } = {},
): Promise<readonly string[]> {
  const found = new Set<string>();
  const begins = new RegExp(`^(?:\\uFEFF)?["']?(?:${versionKeys.join("|")})["']?\\s*:`, "m");
  const search = { cwd, isTrusted, begins };
  for (const name of paths) {
    const info = await stat(path.resolve(cwd, name)).catch(() => null);
    if (!info?.isDirectory()) found.add(path.normalize(name));
    else for (const file of await scenariosIn(path.normalize(name), search)) found.add(file);
  }
  return [...found];
}

interface Search {
  readonly cwd: string;
  readonly isTrusted: boolean;
  /** What a wanted file holds. */
  readonly begins: RegExp;
}

async function scenariosIn(folder: string, search: Search): Promise<readonly string[]> {
  const { cwd, isTrusted, begins } = search;
  const entries = await readdir(path.resolve(cwd, folder), { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    const name = path.join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await scenariosIn(name, search)));
    else if (/\.ya?ml$/i.test(entry.name)) {
      const isNotRead = entry.isSymbolicLink() && !isTrusted;
      if (isNotRead || (await isBegunBy(begins, path.resolve(cwd, name)))) found.push(name);
    }
  }
  return found;
}

async function isBegunBy(begins: RegExp, file: string): Promise<boolean> {
  const limit = { mostBytes: LARGEST_FILE_BYTES, beyond: "cut" } as const;
  const bytes = await readRegularFile(file, limit).catch(() => Buffer.alloc(0));
  return begins.test(bytes.toString("utf8"));
}
