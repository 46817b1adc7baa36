import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
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
  await rm(list, { force: true });
  const imported = pathToFileURL(join(folder, "register.mjs")).href;
  const work = promisify(execFile)(process.execPath, ["--import", imported, bin, ...args], {
    cwd: root,
    env: { ...process.env, FAULTLINE_STATE_DIR: join(folder, "state") },
  });
  // A server says what it listens on, and goes on until it is told to stop.
  if (args[0] === "proxy") work.child.stdout?.once("data", () => work.child.kill("SIGTERM"));
  await work;
  return (await readFile(list, "utf8")).split("\n").filter((url) => url.startsWith("file:"));
}

/** Those of faultline itself, from the repository's root. */
const own = (files: readonly string[]) =>
  files
    .map((url) => fileURLToPath(url))
    .filter((file) => file.startsWith(root))
    .map((file) => file.slice(root.length));

// Opening and compiling many small files would take longer than the rest of the command.
test("validate opens few files, and none of node_modules", async () => {
  const files = own(await loadedBy("validate", "scenarios/quickstart.yaml"));
  expect(files.filter((file) => file.startsWith("node_modules/"))).toEqual([]);
  expect(files.filter((file) => file.startsWith("dist/libraries/")).sort()).toEqual([
    "dist/libraries/commander.js",
    "dist/libraries/yaml.js",
    "dist/libraries/zod.js",
  ]);
  expect(files).toContain("dist/command-line/check.js");
  expect(files.length).toBeLessThanOrEqual(15);
});

test.each([
  ["--version", []],
  ["halt --help", []],
  ["heal", ["dist/command-line/heal.js"]],
  ["proxy --port 0", ["dist/command-line/wire.js"]],
])("%s opens nothing that only other commands need", async (line, needed) => {
  const files = own(await loadedBy(...line.split(" ")));
  expect(files).toEqual(
    expect.arrayContaining(["bin/faultline.js", "dist/command-line/start.js", ...needed]),
  );
  expect(files.filter((file) => /(?:zod|yaml|check|judge|report|run)\.js$/.test(file))).toEqual([]);
  expect(files.length).toBeLessThanOrEqual(10);
});

// Workers, the watchdog, scripts of reports: a bundle stands elsewhere than the files that name them.
test("what the command line finds by its own place is there", async () => {
  const bundled = join(root, "dist", "command-line");
  const found: string[] = [];
  for (const name of await readdir(bundled)) {
    const text = await readFile(join(bundled, name), "utf8");
    const places = text.matchAll(/new URL\("([^"]+)", import\.meta\.url\)/g);
    found.push(...[...places].map(([, place]) => join(bundled, place ?? "")));
    // Any other use of it would be the bundle's place.
    expect(text.replaceAll(/new URL\("[^"]+", import\.meta\.url\)/g, ""), name).not.toContain("import.meta");
  }
  expect(found.length).toBeGreaterThanOrEqual(10);
  expect(found.filter((path) => !existsSync(path))).toEqual([]);
});

test("the licences of the libraries in dist/ go along with them", async () => {
  const text = await readFile(join(root, "dist", "libraries", "LICENSES.txt"), "utf8");
  for (const library of ["commander", "yaml", "zod"]) {
    expect(text).toMatch(new RegExp(`^${library} \\d`, "m"));
    expect(text).toContain(await readFile(join(root, "node_modules", library, "LICENSE"), "utf8"));
  }
});
