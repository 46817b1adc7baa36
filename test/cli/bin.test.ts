import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { root, temporaryFolder } from "../helpers/faultline.js";

const run = promisify(execFile);

/** The command line in a process where this has been done to `process` before. */
function faultlineAfter(change: string): Promise<{ stdout: string }> {
  return run(process.execPath, [
    "--import",
    `data:text/javascript,${encodeURIComponent(change)}`,
    join(root, "bin/faultline.js"),
    "--version",
  ]);
}

const pretend = (key: string, value: string) =>
  `Object.defineProperty(process, ${JSON.stringify(key)}, { value: ${value} })`;

test("on Windows and on an old Node.js it says what it needs, and nothing else", async () => {
  await expect(faultlineAfter(pretend("platform", '"win32"'))).rejects.toMatchObject({
    code: 2,
    stderr: "faultline needs Linux or macOS; on Windows, run it in WSL.\n",
  });
  await expect(faultlineAfter(pretend("versions", '{ node: "20.18.3" }'))).rejects.toMatchObject({
    code: 2,
    stderr: "faultline needs Node.js 20.19 or newer; this is 20.18.3.\n",
  });
});

test("elsewhere it starts", async () => {
  expect((await faultlineAfter(pretend("platform", '"darwin"'))).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test("where it cannot be loaded the exit code is not that of a broken SLO", async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "bin"));
  await copyFile(join(root, "bin/faultline.js"), join(folder, "bin/faultline.mjs"));
  await expect(run(process.execPath, [join(folder, "bin/faultline.mjs"), "--version"])).rejects.toMatchObject(
    {
      code: 4,
      stderr: expect.stringMatching(
        /^error: faultline could not be loaded: Cannot find module .*\nhint: Install it again\..*\n$/,
      ),
    },
  );
});

const bin = join(root, "bin/faultline.js");

/** Through a shell that redirects; resolves with the exit code and stderr. */
function redirected(command: string): Promise<{ code: number; stderr: string }> {
  return new Promise((resolve) => {
    execFile("/bin/sh", ["-c", command, "sh", process.execPath, bin], (error, _, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stderr });
    });
  });
}

test.skipIf(!existsSync("/dev/full"))("output that a full disk does not take is an error", async () => {
  const example = join(root, "scenarios/quickstart.yaml");
  for (const args of ["--version", `validate ${example}`, `validate ${example} --format json`]) {
    const { code, stderr } = await redirected(`"$1" "$2" ${args} >/dev/full`);
    expect(code, args).toBe(4);
    expect(stderr, args).toContain("error: stdout could not be written: ENOSPC");
    expect(stderr, args).not.toContain("bug");
  }
});

test("a reader that goes away early is none", async () => {
  const { code, stderr } = await redirected('("$1" "$2" --help; echo "code $?" >&2) | true');
  expect(code).toBe(0);
  expect(stderr).toBe("code 0\n");
});

test("output goes whole into a file, as into a pipe", async () => {
  const folder = await temporaryFolder();
  const file = join(folder, "help.txt");
  expect((await redirected(`"$1" "$2" run --help > ${file}`)).code).toBe(0);
  const { stdout } = await run(process.execPath, [bin, "run", "--help"]);
  expect(await readFile(file, "utf8")).toBe(stdout);
});
