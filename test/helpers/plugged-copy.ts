import { execFile } from "node:child_process";
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { root } from "./faultline.js";

/** One file of a diff: lines that are added and taken out, each run of them after a line that is there. */
interface Patch {
  readonly file: string;
  readonly lines: readonly string[];
}

/** A whole copy of faultline as it ships, with a plug-in. */
export interface PluggedCopy {
  /** Its command line. */
  readonly bin: string;
  /** All that was touched, by their place in the repository, with how many lines each has more. */
  readonly touched: Readonly<Record<string, number>>;
}

/**
 * Copies what is built to `folder`, puts the plug-in's sources where they belong, makes the changes of `diff` to files
 * that were there, compiles these against the types of all the rest, and bundles the command line: as a contributor's build
 * would.
 */
export async function pluggedCopy(
  folder: string,
  plugIn: Readonly<Record<string, string>>,
  diff: string,
): Promise<PluggedCopy> {
  const parts = ["dist", "bin", "package.json", "tsconfig.json"];
  for (const part of parts) await cp(join(root, part), join(folder, part), { recursive: true });
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  const touched: Record<string, number> = {};
  for (const [place, source] of Object.entries(plugIn)) {
    const text = await readFile(join(root, source), "utf8");
    // The fixture stands elsewhere in the repository.
    const moved = text.replace(/"(?:\.\.\/)+src\/([^"]+)"/g, (_, file: string) => {
      return `"${relative(dirname(place), join("src", file)).replace(/^(?!\.)/, "./")}"`;
    });
    await writeSource(folder, place, moved);
    touched[place] = moved.split("\n").length - 1;
  }
  for (const { file, lines } of patchesOf(diff)) {
    const text = await readFile(join(root, file), "utf8");
    await writeSource(folder, file, patched(text, lines));
    touched[file] = lines.filter((line) => line.startsWith("+")).length;
  }
  const project = {
    extends: "./tsconfig.json",
    compilerOptions: { noEmit: false },
    include: [],
    files: Object.keys(touched).map(builtPlace),
  };
  await writeFile(join(folder, "tsconfig.plug-in.json"), JSON.stringify(project));
  const tsc = join(root, "node_modules", ".bin", "tsc");
  await promisify(execFile)(tsc, ["-p", "tsconfig.plug-in.json"], { cwd: folder }).catch((error) => {
    throw new Error(`the plug-in does not compile: ${error.stdout}`);
  });
  const bundler = join(root, "scripts", "bundle-command-line.mjs");
  await promisify(execFile)(process.execPath, [bundler, join(folder, "dist")]);
  return { bin: join(folder, "bin/faultline.js"), touched };
}

/** Beside what is built, so that its imports are found there. */
function builtPlace(place: string): string {
  return place.replace(/^src\//, "dist/");
}

async function writeSource(folder: string, place: string, text: string): Promise<void> {
  const path = join(folder, builtPlace(place));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

/** Of a unified diff without line numbers. */
export function patchesOf(diff: string): readonly Patch[] {
  const patches: { file: string; lines: string[] }[] = [];
  for (const line of diff.split("\n")) {
    const file = /^\+\+\+ (?:b\/)?(.+)$/.exec(line)?.[1];
    if (file !== undefined) patches.push({ file, lines: [] });
    else if (/^[-+ ](?!-- )/.test(line)) patches.at(-1)?.lines.push(line);
  }
  return patches;
}

/** Each added line goes behind the one before it in the diff. */
export function patched(text: string, lines: readonly string[]): string {
  const result = text.split("\n");
  let at = -1;
  for (const line of lines) {
    const content = line.slice(1);
    if (line.startsWith("+")) {
      at += 1;
      result.splice(at, 0, content);
      continue;
    }
    const found = result.indexOf(content, at + 1);
    if (found < 0) throw new Error(`the diff does not apply: there is no line "${content}"`);
    if (line.startsWith("-")) result.splice(found, 1);
    at = line.startsWith("-") ? found - 1 : found;
  }
  return result.join("\n");
}
