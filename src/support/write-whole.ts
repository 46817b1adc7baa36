import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FaultlineError, messageOf } from "./errors.js";

/**
 * Writes a file whole or not at all: aside in the same folder, flushed, then renamed over the target. The folder is
 * made when it is missing. Throws REPORT_UNWRITABLE; nothing is left behind then.
 */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const aside = join(dirname(path), `.${basename(path)}.${randomUUID()}.part`);
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(aside, "wx");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true }).catch(() => {});
    throw new FaultlineError("REPORT_UNWRITABLE", `cannot write ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
