import { readFileSync, readlinkSync } from "node:fs";
import { devNull } from "node:os";
import type { EndSignal } from "./io.js";

/** open(2): the last two bits of a file's flags say how it was opened. */
const ACCESS_MODE = 0o3;
const WRITE_ONLY = 0o1;

/** What ends a command. Under nohup, a closed terminal does not. */
export function heardSignals(): readonly EndSignal[] {
  return isUnderNohup() ? ["SIGINT", "SIGTERM"] : ["SIGINT", "SIGTERM", "SIGHUP"];
}

/**
 * Whether nohup started this process from a terminal. Node sets all signals to their defaults when it starts, so it
 * cannot be seen any more that SIGHUP was ignored. But nohup puts /dev/null in the terminal's place as stdin, opened
 * for writing only, so that reading fails. Only Linux shows that.
 */
export function isUnderNohup(): boolean {
  try {
    if (readlinkSync("/proc/self/fd/0") !== devNull) return false;
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync("/proc/self/fdinfo/0", "utf8"))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & ACCESS_MODE) === WRITE_ONLY;
  } catch {
    return false;
  }
}
