import { createHash } from "node:crypto";
import { readlinkSync, symlinkSync, unlinkSync } from "node:fs";
import { hasCode } from "../../support/errors.js";
import { ownIdentity, stateOf } from "./runner-identity.js";

/**
 * Makes a file which says that this process holds something: a symbolic link whose target is the process and no path.
 * The link is made in one step, so it is never half written. A target of less than 60 characters lies in the entry of
 * the link itself (on ext4 and similar), so it can be made on a full disk.
 * @returns false when somebody holds it already.
 */
export function takeLink(path: string): boolean {
  try {
    const { pid, start, host, boot, pidNamespace } = ownIdentity();
    symlinkSync([pid, ...[start, host, boot, pidNamespace].map(shortened)].join("."), path);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}

/** Also when nobody holds it. */
export function releaseLink(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

export interface Holder {
  /** Another text means another holder. */
  readonly text: string;
  readonly pid: number;
  readonly state: ReturnType<typeof stateOf>;
}

/** @returns null when nobody holds it, "unknown" when the path is no such link. */
export function holderOf(path: string): Holder | "unknown" | null {
  let text: string;
  try {
    text = readlinkSync(path);
  } catch (error) {
    return hasCode(error, "ENOENT") ? null : "unknown";
  }
  const [pid = "", start, host, boot, pidNamespace] = text.split(".");
  if (!/^\d+$/.test(pid) || !start || !host || !boot || !pidNamespace) return "unknown";
  const runner = { pid: Number(pid), start, host, boot, pidNamespace };
  return { text, pid: runner.pid, state: stateOf(runner, shortened) };
}

/** Eight characters each. With the pid, all of it stays below 60. */
function shortened(text: string | null): string {
  return createHash("sha256")
    .update(text ?? "")
    .digest("hex")
    .slice(0, 8);
}
