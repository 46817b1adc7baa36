import { randomUUID } from "node:crypto";
import { fsync } from "node:fs";
import { chmod, lstat, mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { FaultlineError, messageOf } from "./errors.js";

/** Resolves when the disk has what was written. */
export const flush = promisify(fsync);

/**
 * Writes a file whole or not at all: aside in the same folder, flushed, then renamed over the target. Makes the folder
 * when it is missing. A link or a device there is not replaced. @throws REPORT_UNWRITABLE; then nothing is left behind.
 * @param mode of the file, where it is to keep the one that it has.
 */
export async function writeWhole(path: string, content: string | Uint8Array, mode?: number): Promise<void> {
  const aside = join(dirname(path), `.${basename(path)}.${randomUUID()}.part`);
  try {
    await mkdir(dirname(path), { recursive: true });
    await refuseOther(path);
    const file = await open(aside, "wx");
    try {
      await file.writeFile(content);
      if (mode !== undefined) await chmod(aside, mode & 0o777);
      // Not FileHandle.sync(): Yarn's file system, which stands in for Node's, has none.
      await flush(file.fd);
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

/**
 * @throws when the path holds something other than a plain file: a user who names /dev/stdout does not want it
 *   replaced.
 */
export async function refuseOther(path: string): Promise<void> {
  const there = await lstat(path).catch(() => null);
  if (there?.isSymbolicLink()) throw new Error("it is a link; name the file itself");
  if (there && !there.isFile()) throw new Error("it is not a file");
}
