import { randomUUID } from "node:crypto";
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sleep } from "../support/clock.js";
import { FaultlineError, hasCode, messageOf } from "../support/errors.js";
import { ownIdentity, type RunnerIdentity, stateOf } from "./runner-identity.js";

/** Work under the mutex takes milliseconds; who waits longer than this meets a stopped process. */
const WAIT_MS = 5_000;
const PAUSE_MS = 10;

/**
 * Does `work` while no other process of this user does any under the same state folder. `work` is synchronous, so the
 * mutex is held for milliseconds; one whose holder died is taken over.
 * @throws FaultlineError STATE_UNUSABLE
 */
export async function exclusively<T>(stateFolder: string, work: () => T): Promise<T> {
  const path = join(stateFolder, "mutex");
  const deadline = performance.now() + WAIT_MS;
  while (!tryLock(path)) {
    if (performance.now() > deadline) {
      throw new FaultlineError("STATE_UNUSABLE", `${path} is held by another process: ${readHolder(path)}`);
    }
    removeIfStale(path);
    await sleep(PAUSE_MS);
  }
  try {
    return work();
  } finally {
    rmSync(path, { force: true });
  }
}

function tryLock(path: string): boolean {
  try {
    writeFileSync(path, JSON.stringify(ownIdentity()), { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    // Made, but not written: the disk is full.
    rmSync(path, { force: true });
    throw new FaultlineError("STATE_UNUSABLE", `cannot write ${path}: ${messageOf(error)}`, { cause: error });
  }
}

function removeIfStale(path: string): void {
  const seen = readHolder(path);
  if (!isStale(path, seen)) return;
  // Renaming has one winner. Should it have caught a mutex that was taken anew since, that one is put back.
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
    if (readHolder(aside) === seen) rmSync(aside);
    else renameSync(aside, path);
  } catch {
    // Another process was quicker.
  }
}

function isStale(path: string, holder: string | null): boolean {
  if (holder === null) return false;
  try {
    // Only this program writes the file.
    return stateOf(JSON.parse(holder) as RunnerIdentity) === "dead";
  } catch {
    // Its holder died, or is about to write it.
    return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > WAIT_MS / 2;
  }
}

function readHolder(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
