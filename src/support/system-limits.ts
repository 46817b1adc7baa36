/** What this process may use of its machine, and the signs that nothing is left of it. */

import { readdirSync, readFileSync } from "node:fs";
import { formatCount } from "./format.js";

/** Looking up a name gives EBUSY without a free file descriptor. */
const LIMIT_CODES: ReadonlySet<string> = new Set([
  "EMFILE",
  "ENFILE",
  "EADDRNOTAVAIL",
  "ENOBUFS",
  "ENOMEM",
  "EBUSY",
]);

/** Whether an error with this code says that the process itself has run out of something. */
export function isLimitCode(code: string): boolean {
  return LIMIT_CODES.has(code);
}

/** What has run out, and what helps. To be joined into a message. */
export function describeLimit(code: string): string {
  const most = openFileLimit();
  const files = most === null ? "raise `ulimit -n`" : `\`ulimit -n\` is ${formatCount(most)}, raise it`;
  switch (code) {
    case "EMFILE":
    case "EBUSY":
      return `it has no free file descriptor (${code}; ${files})`;
    case "ENFILE":
      return "the machine has no free file descriptor (ENFILE; raise `sysctl fs.file-max`)";
    case "EADDRNOTAVAIL":
      return "it has no free local port (EADDRNOTAVAIL; a lower rate, keepAlive, or a wider `sysctl net.ipv4.ip_local_port_range`)";
    default:
      return `the system has no memory for more connections (${code})`;
  }
}

let known: number | null | undefined;

/**
 * How many files and sockets this process may have open. It is read once: at the limit itself it could not be read.
 * @returns null when there is no limit, or the system does not say.
 */
export function openFileLimit(): number | null {
  known ??= readLimit();
  return known;
}

function readLimit(): number | null {
  try {
    const line = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"));
    return line ? Number(line[1]) : null;
  } catch {
    return null;
  }
}

/**
 * How many it has open. Infinite when not one more could be opened to count them. @returns null when the system does
 * not say.
 */
export function openFileCount(): number | null {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    return code === "EMFILE" || code === "ENFILE" ? Number.POSITIVE_INFINITY : null;
  }
}

/** With fewer, not even threads, journal and watchdog can be had, and not all modules can be read. */
export const LEAST_OPEN_FILES = 128;

/** Whether something that fails now may fail for want of file descriptors, whatever its error says. */
export function lacksOpenFiles(): boolean {
  const most = openFileLimit();
  return most === null ? openFileCount() === Number.POSITIVE_INFINITY : most < LEAST_OPEN_FILES;
}
