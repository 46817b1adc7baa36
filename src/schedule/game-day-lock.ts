import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { lockName } from "../gameday/lock-name.js";
import { holderOf, releaseLink, takeLink } from "../run/safety/holder-link.js";
import { exclusively } from "../run/safety/state-mutex.js";
import { FaultlineError } from "../support/errors.js";

/** run: nobody else runs it meanwhile. schedule: nobody else deals with when it is due. */
export type GameDayRight = "run" | "schedule";

/**
 * Takes a right to a game day, which one process of this user can have at a time. One whose holder is gone is taken
 * over; its holder is known by more than its pid.
 * @returns what gives it back.
 * @throws FaultlineError RUN_CONFLICT, STATE_UNUSABLE
 */
export async function lockGameDay(
  stateFolder: string,
  name: string,
  right: GameDayRight,
): Promise<() => void> {
  const folder = join(stateFolder, "gamedays");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${lockName(name)}.${right}.lock`);
  const holder = await exclusively(stateFolder, () => {
    const found = holderOf(path);
    if (found !== null && found !== "unknown" && found.state === "dead") releaseLink(path);
    return takeLink(path) ? null : (holderOf(path) ?? "unknown");
  });
  if (holder === null) return () => releaseLink(path);
  const who =
    holder === "unknown" || holder.state === "elsewhere"
      ? `a process of another machine or container; if that is gone for good, delete ${path}`
      : `process ${holder.pid}`;
  throw new FaultlineError(
    "RUN_CONFLICT",
    `the ${right} of the game day "${name}" is in the hands of ${who}`,
  );
}
