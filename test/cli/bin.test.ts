import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { root } from "../helpers/faultline.js";

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
