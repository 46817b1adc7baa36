import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { ProcessGroup } from "../processes/process-group.js";
import { SERVICE_MARKER } from "../processes/process-table.js";
import { TICKS_PER_S } from "./cpu-times.js";

/**
 * The processes of the system under test, as far as `services:` started it. Linux only: elsewhere there are none.
 * A process is looked at once, when it is first seen, so that a machine with thousands of them costs little.
 */
export class SystemProcesses {
  readonly #groups: readonly ProcessGroup[];
  readonly #seen = new Set<number>();
  readonly #members = new Set<number>();

  constructor(groups: readonly ProcessGroup[]) {
    this.#groups = groups;
  }

  /** Looks for processes that have come since the last time. */
  refresh(): void {
    let pids: number[];
    try {
      pids = readdirSync("/proc").map(Number).filter(Number.isInteger);
    } catch {
      return;
    }
    const alive = new Set(pids);
    for (const pid of [...this.#seen]) if (!alive.has(pid)) this.#forget(pid);
    for (const pid of pids) {
      if (this.#seen.has(pid) || pid === process.pid) continue;
      this.#seen.add(pid);
      if (this.#isMember(pid)) this.#members.add(pid);
    }
  }

  /** CPU time of those that are alive, with that of their children which have ended. Only differences mean something. */
  cpuS(): number {
    let ticks = 0;
    for (const pid of this.#members) ticks += readStat(pid)?.ticks ?? 0;
    return ticks / TICKS_PER_S;
  }

  /**
   * Whether one of them listens on this port. A port that somebody else holds (a container's forwarder, a server that
   * ran before) leads to processes that are not known here.
   */
  listensOn(port: number): boolean {
    const inodes = listeningInodes(port);
    return inodes.size > 0 && [...this.#members].some((pid) => holdsOneOf(pid, inodes));
  }

  #forget(pid: number): void {
    this.#seen.delete(pid);
    this.#members.delete(pid);
  }

  #isMember(pid: number): boolean {
    const stat = readStat(pid);
    if (stat === null) return false;
    return this.#groups.some(
      ({ pid: leader, marker }) =>
        (leader !== null && (stat.group === leader || stat.session === leader)) ||
        (marker !== null && carries(pid, marker)),
    );
  }
}

interface Stat {
  readonly group: number;
  readonly session: number;
  readonly ticks: number;
}

/** /proc/PID/stat, see proc_pid_stat(5): fields 5 (pgrp), 6 (session) and 14 to 17 (utime, stime, cutime, cstime). */
function readStat(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The program's name, in parentheses, may hold spaces and parentheses itself.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { group: Number(fields[2]), session: Number(fields[3]), ticks };
  } catch {
    return null;
  }
}

/** A daemon leaves its group and keeps its environment. */
function carries(pid: number, marker: string): boolean {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, "latin1")}\0`.includes(
      `\0${SERVICE_MARKER}=${marker}\0`,
    );
  } catch {
    return false;
  }
}

/** proc_net(5): the second column is the local address in hexadecimal, the fourth the state (0A: listening), the tenth the inode. */
function listeningInodes(port: number): Set<string> {
  const inodes = new Set<string>();
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    let text: string;
    try {
      text = readFileSync(table, "latin1");
    } catch {
      continue;
    }
    for (const line of text.split("\n")) {
      const columns = line.trim().split(/\s+/);
      if (columns[3] === "0A" && columns[1]?.endsWith(`:${hex}`)) inodes.add(columns[9] ?? "");
    }
  }
  return inodes;
}

function holdsOneOf(pid: number, inodes: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return inodes.has(/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? "");
      } catch {
        // Closed since it was listed.
        return false;
      }
    });
  } catch {
    return false;
  }
}
