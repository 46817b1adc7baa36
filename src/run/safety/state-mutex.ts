import { randomUUID } from "node:crypto";
import { renameSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { Patience, sleep } from "../../support/clock.js";
import { FaultlineError, hasCode, messageOf } from "../../support/errors.js";
import { type Holder, holderOf, releaseLink, takeLink } from "./holder-link.js";

/** Work under the mutex takes milliseconds. After this wait the holder is a stopped process. */
const WAIT_MS = 5_000;
const PAUSE_MS = 10;

/**
 * Does `work` while no other process of this user does any under the same state folder. `work` is synchronous, so the
 * mutex is held for milliseconds. A mutex whose holder died is taken over.
 * @throws FaultlineError STATE_UNUSABLE.
 */
export async function exclusively<T>(stateFolder: string, work: () => T): Promise<T> {
  const path = join(stateFolder, "mutex");
  let seen: Holder | "unknown" | null = null;
  let patience: Patience | null = null;
  try {
    while (!take(path)) {
      const holder = holderOf(path);
      if (patience === null || textOf(holder) !== textOf(seen)) {
        patience?.end();
        patience = new Patience(WAIT_MS);
      }
      seen = holder;
      const waited = patience.leftMs === 0;
      if (holder !== null && holder !== "unknown" && holder.state === "alive" && waited)
        throw held(path, holder);
      // A holder in another container, or a file that says nothing: nobody works for so long.
      if (stateOfHolder(holder) === "dead" || waited) removeIfSame(path, holder);
      await sleep(PAUSE_MS);
    }
  } finally {
    patience?.end();
  }
  try {
    return work();
  } finally {
    releaseLink(path);
  }
}

/**
 * As `exclusively`, for work that must be done even when nothing can be written, and that does no harm when it is done
 * twice. On a disk that cannot take the mutex it goes on without it, and so it does when the state folder is gone.
 * @throws FaultlineError STATE_UNUSABLE.
 */
export async function exclusivelyIfPossible<T>(stateFolder: string, work: () => T): Promise<T> {
  try {
    return await exclusively(stateFolder, work);
  } catch (error) {
    const cause = error instanceof FaultlineError ? error.cause : null;
    if (isDiskTrouble(cause) || hasCode(cause, "ENOENT")) return work();
    throw error;
  }
}

export function isDiskTrouble(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT", "EROFS", "EIO"].some((code) => hasCode(error, code));
}

function take(path: string): boolean {
  try {
    return takeLink(path);
  } catch (error) {
    throw new FaultlineError("STATE_UNUSABLE", `cannot make ${path}: ${messageOf(error)}`, { cause: error });
  }
}

function held(path: string, { pid }: Holder): FaultlineError {
  return new FaultlineError(
    "STATE_UNUSABLE",
    `${path} is held by process ${pid}, which does not go on. If it was stopped, let it go on (kill -CONT ${pid}) or end it`,
  );
}

function removeIfSame(path: string, seen: Holder | "unknown" | null): void {
  // Renaming has one winner. If it caught a mutex that was taken anew meanwhile, that one is put back.
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
    if (textOf(holderOf(aside)) === textOf(seen)) unlinkSync(aside);
    else renameSync(aside, path);
  } catch {
    // Another process was quicker.
  }
}

function stateOfHolder(holder: Holder | "unknown" | null): Holder["state"] | "unknown" {
  return holder === null || holder === "unknown" ? "unknown" : holder.state;
}

function textOf(holder: Holder | "unknown" | null): string | null {
  return holder === null || holder === "unknown" ? holder : holder.text;
}
