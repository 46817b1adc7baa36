import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, isAbsolute, join } from "node:path";
import { FaultlineError, messageOf } from "../../support/errors.js";

/** Short, because sockets in it have names of at most about 100 bytes. */
const NAME = /^faultline-run-[0-9a-f]{12}$/;
/** Files may still come from processes that are just ending. */
const TRIES = 5;

/** A path that no run has used. */
export function newRunFolder(): string {
  return join(tmpdir(), `faultline-run-${randomBytes(6).toString("hex")}`);
}

/** Makes the folder. Only its owner can read it. @throws FaultlineError SERVICE_FAILED. */
export async function makeRunFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const message = `the folder for data of services, ${path}, cannot be made: ${messageOf(error)}`;
    throw new FaultlineError("SERVICE_FAILED", message, { cause: error });
  }
}

/** Whether a path can be that of a run's folder. A folder that a journal names is removed with all that is in it, so this must be sure. */
export function isRunFolder(path: string): boolean {
  return isAbsolute(path) && NAME.test(basename(path));
}

/** Removes the folder with all that is in it. Links in it are removed, and what they lead to stays. */
export async function removeRunFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: TRIES });
}
