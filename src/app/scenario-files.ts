import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { findScenarios } from "../scenario/read/find-scenarios.js";
import { FaultlineError } from "../support/errors.js";

/**
 * The scenarios that a path stands for: the file, or all in a folder. A shipped example is found from anywhere.
 * `onShipped` gets its path as the user wrote it.
 * @throws FaultlineError FILE_NOT_FOUND.
 */
export async function scenarioFiles(
  path: string,
  options: {
    readonly cwd: string;
    readonly isTrusted: boolean;
    readonly onShipped: (path: string) => void;
  },
): Promise<readonly string[]> {
  const { cwd, isTrusted, onShipped } = options;
  const kind = await stat(resolve(cwd, path)).catch(() => null);
  if (kind?.isDirectory()) {
    const files = await findScenarios([path], cwd, { isTrusted });
    if (files.length === 0) throw new FaultlineError("FILE_NOT_FOUND", `no scenario in ${path}`);
    return files;
  }
  if (kind) return [path];
  const example = /^(?:scenarios\/)?([\w-]+\.yaml)$/.exec(path)?.[1];
  const shipped = example && fileURLToPath(new URL(`../../scenarios/${example}`, import.meta.url));
  if (shipped && (await stat(shipped).catch(() => null))?.isFile()) {
    onShipped(path);
    return [shipped];
  }
  throw new FaultlineError("FILE_NOT_FOUND", `${path}: no such file`);
}
