import { createHash } from "node:crypto";
import { dirname, join, relative, resolve, sep } from "node:path";
import { readRegularFile } from "../support/read-regular-file.js";
import type { HashedFile } from "./ledger-line.js";

/** Files in which package managers record the installed versions. */
export const LOCK_FILE_NAMES = [
  "package-lock.json",
  "npm-shrinkwrap.json",
  "yarn.lock",
  "pnpm-lock.yaml",
  "bun.lock",
  "bun.lockb",
  "deno.lock",
  "go.sum",
  "go.work.sum",
  "poetry.lock",
  "uv.lock",
  "pdm.lock",
  "Pipfile.lock",
  "pylock.toml",
  "Cargo.lock",
  "Gemfile.lock",
  "composer.lock",
  "mix.lock",
  "rebar.lock",
  "pubspec.lock",
  "packages.lock.json",
  "gradle.lockfile",
  "buildscript-gradle.lockfile",
  "Package.resolved",
  "stack.yaml.lock",
  "flake.lock",
  "conan.lock",
] as const;

const LARGEST_LOCK_FILE_BYTES = 100_000_000;

/** @returns null when there is no such file, or when it cannot be read. */
export async function sha256Of(path: string): Promise<string | null> {
  try {
    const bytes = await readRegularFile(path, { mostBytes: LARGEST_LOCK_FILE_BYTES, beyond: "refuse" });
    return createHash("sha256").update(bytes).digest("hex");
  } catch {
    return null;
  }
}

/**
 * Lock files in these folders and in the folders above them, up to `root`. For a folder outside of `root`: only its
 * own. Sorted by path, relative to `root`.
 */
export async function lockFilesAround(
  folders: readonly string[],
  root: string,
): Promise<readonly HashedFile[]> {
  const candidates = new Set(
    folders
      .flatMap((folder) => upTo(root, folder))
      .flatMap((at) => LOCK_FILE_NAMES.map((name) => join(at, name))),
  );
  const found: HashedFile[] = [];
  for (const path of [...candidates].sort()) {
    const sha256 = await sha256Of(path);
    if (sha256 !== null) found.push({ file: relative(root, path), sha256 });
  }
  return found;
}

function upTo(root: string, folder: string): readonly string[] {
  const start = resolve(folder);
  if (start !== root && !start.startsWith(root === sep ? sep : root + sep)) return [start];
  const way: string[] = [];
  for (let at = start; ; at = dirname(at)) {
    way.push(at);
    if (at === root || dirname(at) === at) return way;
  }
}
