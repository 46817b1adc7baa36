import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "faultline-startup-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Files that Node loaded for a command line, as URLs. */
async function loadedBy(...args: readonly string[]): Promise<readonly string[]> {
  const list = join(folder, "loaded.txt");
  const hooks = `
    import { appendFileSync } from "node:fs";
    export async function load(url, context, next) {
      appendFileSync(${JSON.stringify(list)}, url + "\\n");
      return next(url, context);
    }`;
  const register = `
    import { register } from "node:module";
    register("data:text/javascript," + encodeURIComponent(${JSON.stringify(hooks)}));`;
  await writeFile(join(folder, "register.mjs"), register);
  const bin = join(root, "bin", "faultline.js");
  const imported = pathToFileURL(join(folder, "register.mjs")).href;
  await promisify(execFile)(process.execPath, ["--import", imported, bin, ...args], { cwd: root });
  return (await readFile(list, "utf8")).split("\n").filter((url) => url.startsWith("file:"));
}

// Opening and compiling their many small files would take longer than the rest of the command.
test("validate opens no file of node_modules", async () => {
  const files = await loadedBy("validate", "scenarios/quickstart.yaml");
  expect(files.filter((url) => url.includes("/node_modules/"))).toEqual([]);
  expect(files.filter((url) => url.includes("/dist/libraries/")).length).toBeGreaterThanOrEqual(3);
});

test("the licences of the libraries in dist/ go along with them", async () => {
  const text = await readFile(join(root, "dist", "libraries", "LICENSES.txt"), "utf8");
  for (const library of ["commander", "yaml", "zod"]) {
    expect(text).toMatch(new RegExp(`^${library} \\d`, "m"));
    expect(text).toContain(await readFile(join(root, "node_modules", library, "LICENSE"), "utf8"));
  }
});
