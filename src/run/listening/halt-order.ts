import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FaultlineError, hasCode, messageOf } from "../../support/errors.js";
import { oneLine } from "../../support/printable.js";
import { wholeOrSize } from "../../support/secrets/said.js";

/** Somebody's order to end faults, and to begin nothing until it is lifted. */
export interface HaltOrder {
  readonly by: string;
  /** null: none was given. */
  readonly reason: string | null;
  /** ISO 8601, UTC. null for a file that was made by hand. */
  readonly at: string | null;
}

/** A person in a hurry makes this file with `touch`. What is in it is the reason then. */
export function haltPath(stateFolder: string): string {
  return join(stateFolder, "halt");
}

/** @throws FaultlineError STATE_UNUSABLE. */
export function orderHalt(stateFolder: string, order: HaltOrder): void {
  const path = haltPath(stateFolder);
  const aside = `${path}.${process.pid}.part`;
  try {
    mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
    writeFileSync(aside, `${JSON.stringify(order)}\n`, { mode: 0o600 });
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw new FaultlineError("STATE_UNUSABLE", `the halt cannot be written: ${messageOf(error)}`);
  }
}

/** @returns null when there is no halt. A file that cannot be read is one, too. */
export function readHalt(stateFolder: string): HaltOrder | null {
  const path = haltPath(stateFolder);
  try {
    // Asked first, because it takes no file descriptor: a process that has none left is not halted by that.
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return null;
    return parseHalt(wholeOrSize(readFileSync(path, "utf8"), MOST_CHARACTERS));
  } catch (error) {
    return hasCode(error, "ENOENT") ? null : byHand(null);
  }
}

/** @returns the halt that was lifted; null when there was none. */
export function liftHalt(stateFolder: string): HaltOrder | null {
  const order = readHalt(stateFolder);
  rmSync(haltPath(stateFolder), { force: true });
  return order;
}

/** "halted by alice: p99 of checkout is on fire" */
export function haltText({ by, reason }: HaltOrder): string {
  return reason === null ? `halted by ${by}` : `halted by ${by}: ${reason}`;
}

/** @throws FaultlineError HALTED. */
export function refuseWhileHalted(stateFolder: string): void {
  const order = readHalt(stateFolder);
  if (order === null) return;
  const since = order.at === null ? "" : ` since ${order.at}`;
  throw new FaultlineError("HALTED", `nothing is started${since}: ${haltText(order)}`);
}

const MOST_CHARACTERS = 4_096;

function parseHalt(text: string): HaltOrder {
  try {
    const order: unknown = JSON.parse(text);
    if (isHaltOrder(order)) return order;
  } catch {
    // A file made by hand.
  }
  return byHand(oneLine(text) || null);
}

function byHand(reason: string | null): HaltOrder {
  return { by: "a stop file", reason, at: null };
}

function isHaltOrder(value: unknown): value is HaltOrder {
  if (typeof value !== "object" || value === null) return false;
  const { by, reason, at } = { by: null, reason: null, at: null, ...value };
  const isTextOrNull = (part: unknown) => part === null || typeof part === "string";
  return typeof by === "string" && isTextOrNull(reason) && isTextOrNull(at);
}
