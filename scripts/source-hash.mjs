// What dist/ was made from, as one number: the build writes it down, and whoever runs dist/ can ask whether it is still so.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Where the build notes the hash of its sources. */
export const BUILT_FROM = join(root, "dist", "built-from.txt");

/** SHA-256 of everything that the build reads: sources, build scripts, compiler options, the versions of libraries. */
export async function sourceHash() {
  const sources = (await readdir(join(root, "src"), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const top = (await readdir(root)).filter((name) => /^(tsconfig.*|package-lock)\.json$/.test(name));
  const scripts = (await readdir(join(root, "scripts"))).map((name) => join("scripts", name));
  const hash = createHash("sha256");
  for (const file of [...sources, ...[...top, ...scripts].map((name) => join(root, name))].sort()) {
    hash
      .update(`${file.slice(root.length)}\0`)
      .update(await readFile(file))
      .update("\0");
  }
  return hash.digest("hex");
}

/** @returns null when dist/ was never built. */
export async function builtFrom() {
  return readFile(BUILT_FROM, "utf8").then(
    (text) => text.trim(),
    () => null,
  );
}
