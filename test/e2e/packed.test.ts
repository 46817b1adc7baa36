import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../helpers/faultline.js";

const run = promisify(execFile);
const bin = (name: string) => join(root, "node_modules", ".bin", name);

let folder: string;
let tarball: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "faultline-packed-"));
  // What is packed is the build that all tests are of.
  const { stdout } = await run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], {
    cwd: root,
  });
  const [packed] = JSON.parse(stdout);
  tarball = join(folder, packed.filename);
}, 240_000);
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test("publint finds nothing in the package", async () => {
  const { stdout } = await run(bin("publint"), ["run", tarball, "--strict", "--level", "suggestion"], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
  });
  expect(stdout).toContain("All good!");
});

test("the types are right wherever an ES module asks for them", { timeout: 120_000 }, async () => {
  // esm-only: CommonJS of TypeScript's old resolutions cannot import an ES module at all.
  const args = [tarball, "--profile", "esm-only", "--format", "json"];
  const { stdout } = await run(bin("attw"), args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
  const { analysis } = JSON.parse(stdout);
  expect(Object.keys(analysis.entrypoints)).toEqual(
    expect.arrayContaining([".", "./matchers", "./matchers/vitest"]),
  );
});

/** A project that has installed the tarball; the packages that it needs are those of this repository. */
async function install(): Promise<string> {
  const project = join(folder, "project");
  const modules = join(project, "node_modules");
  await mkdir(join(modules, "faultline"), { recursive: true });
  await run("tar", ["-xzf", tarball, "--strip-components=1", "-C", join(modules, "faultline")]);
  for (const name of await readdir(join(root, "node_modules"))) {
    if (!name.startsWith(".")) await symlink(join(root, "node_modules", name), join(modules, name));
  }
  await cp(join(root, "examples/vitest"), project, { recursive: true });
  await writeFile(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const compilerOptions = {
    module: "nodenext",
    target: "es2023",
    types: ["node"],
    strict: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
  };
  await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  return project;
}

test("the example of a vitest file type-checks and passes with the packed package", {
  timeout: 400_000,
}, async () => {
  const project = await install();
  // With the types of all libraries: those of this package must stand by themselves.
  await run(bin("tsc"), ["-p", project], { cwd: project }).catch(({ stdout }) => expect(stdout).toBe(""));
  const json = join(project, "results.json");
  await run(
    bin("vitest"),
    ["run", "--root", project, "--retry", "1", "--reporter", "json", "--outputFile", json],
    {
      cwd: project,
      env: { ...process.env, VITEST: undefined },
    },
  ).catch(({ stdout, stderr }) => expect(`${stdout}${stderr}`).toBe("")); // says why it failed
  const { numPassedTests, numTotalTests } = JSON.parse(await readFile(json, "utf8"));
  expect([numPassedTests, numTotalTests]).toEqual([2, 2]);
});
