import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { haltPath } from "../../../src/run/listening/halt-order.js";
import { temporaryFolder } from "../../helpers/faultline.js";

const PROGRAM = fileURLToPath(new URL("../../helpers/without-descriptors.mjs", import.meta.url));

/** In a process that has none left. */
async function found(folder: string) {
  const command = 'ulimit -n 64 && exec "$@"';
  const args = ["-c", command, "sh", process.execPath, PROGRAM, folder];
  const { stdout } = await promisify(execFile)("/bin/sh", args, { timeout: 30_000 });
  return JSON.parse(stdout);
}

test.skipIf(process.platform !== "linux")(
  "a process that has no file descriptor left does not take that for a halt, nor for a standstill of hours",
  async () => {
    const folder = await temporaryFolder();
    const { code, sinceMs, laterMs, halt } = await found(folder);
    expect(code).toBe("EMFILE");
    expect(halt).toBeNull();
    // The clock has steps of 10 ms.
    for (const ms of [sinceMs, laterMs]) {
      expect(ms).toBeGreaterThan(-20);
      expect(ms).toBeLessThan(30_000);
    }
    await writeFile(haltPath(folder), "shop is down");
    expect((await found(folder)).halt).toEqual({ by: "a stop file", reason: null, at: null });
  },
);
