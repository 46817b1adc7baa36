import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { lockName } from "../gameday/lock-name.js";
import { holderOf, releaseLink, takeLink } from "../run/safety/holder-link.js";
import { exclusively } from "../run/safety/state-mutex.js";
import { FaultlineError } from "../support/errors.js";

/**
 * - run: nobody else runs the game day meanwhile.
 * - schedule: nobody else handles its due times.
 */
export type GameDayRight = "run" | "schedule";

/**
 * Takes a right to a game day. One process of this user can have it at a time. When its holder is gone, it is taken
 * over; a holder is known by more than its pid.
 * @returns a function that gives it back.
 * @throws FaultlineError RUN_CONFLICT, STATE_UNUSABLE.
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
