import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { belonging } from "../../support/processes/belonging.js";
import type { ProcessGroup } from "../../support/processes/process-group.js";
import { cpuSIn, type ProcessRow, procStat, procTable } from "../../support/processes/process-table.js";

/**
 * The processes of the system under test, as far as `services:` started it. Linux only: on other systems there are
 * none. A process is looked at once, when it is first seen, so a machine with thousands of them costs little.
 */
export class SystemProcesses {
  /** Each process as it was when it was first seen, with its marker. */
  readonly #seen = new Map<number, { readonly row: ProcessRow; readonly marker: string | null }>();
  readonly #groups: () => readonly ProcessGroup[];
  /** By the marker of their processes; those without one by their leader. */
  readonly #services = new Map<string, Service>();
  /** `start` by pid. */
  readonly #members = new Map<number, string>();
  /** By pid: the mark of its service. */
  readonly #marks = new Map<number, string | null>();
  /** For each thread of a member, by its path in /proc: how long it had waited at the last reading. */
  readonly #threads = new Map<number, Map<string, number>>();
  #waitedNs = 0;

  /** @param groups as they are when it is called: a service that was started anew has another. */
  constructor(groups: () => readonly ProcessGroup[]) {
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
    for (const pid of [...this.#seen.keys()]) if (!alive.has(pid)) this.#seen.delete(pid);
    for (const [pid, start] of [...this.#members]) if (startOf(pid) !== start) this.#forget(pid);
    let isNew = false;
    for (const pid of pids) {
      if (this.#seen.has(pid) || pid === process.pid) continue;
      const row = procTable.row(pid);
      if (row === null) continue;
      this.#seen.set(pid, { row, marker: procTable.markerOf(pid) });
      isNew = true;
    }
    if (this.#meetGroups() || isNew) this.#assign();
    for (const pid of this.#members.keys()) this.#lookForThreads(pid);
  }

  /** CPU time of the living ones, with that of their children which have ended. Only differences mean something. */
  cpuS(): number {
    let cpuS = 0;
    for (const [pid, start] of this.#members) {
      const fields = procStat(pid);
      if (fields !== null && startIn(fields) === start) cpuS += cpuSIn(fields);
    }
    return cpuS;
  }

  /**
   * The longest time that one request can have waited for a CPU since the first reading, on its way from process to
   * process. For each process it counts the thread that waited most between two readings. A quota keeps threads
   * waiting, too.
   * @param heldBack marks of services that a fault keeps from running. That they wait is no excuse.
   */
  waitedS(heldBack: readonly string[] = []): number {
    for (const [pid, threads] of this.#threads) {
      let mostNs = 0;
      for (const [path, beforeNs] of threads) {
        const nowNs = readWaitedNs(path);
        if (nowNs === null) threads.delete(path);
        else {
          mostNs = Math.max(mostNs, nowNs - beforeNs);
          threads.set(path, nowNs);
        }
      }
      if (threads.size === 0) this.#threads.delete(pid);
      const mark = this.#marks.get(pid) ?? null;
      if (mark === null || !heldBack.includes(mark)) this.#waitedNs += mostNs;
    }
    return this.#waitedNs / 1e9;
  }

  /**
   * Whether one of them listens on this port. A port that somebody else holds (a container's forwarder, a server that
   * ran before) leads to processes that are not known here.
   */
  listensOn(port: number): boolean {
    const inodes = listeningInodes(port);
    return inodes.size > 0 && [...this.#members.keys()].some((pid) => holdsOneOf(pid, inodes));
  }

  #forget(pid: number): void {
    this.#seen.delete(pid);
    this.#members.delete(pid);
    this.#marks.delete(pid);
    this.#threads.delete(pid);
  }

  #lookForThreads(pid: number): void {
    let ids: string[];
    try {
      ids = readdirSync(`/proc/${pid}/task`);
    } catch {
      return;
    }
    const known = this.#threads.get(pid) ?? new Map<string, number>();
    for (const id of ids.slice(0, MOST_THREADS)) {
      const path = `/proc/${pid}/task/${id}/schedstat`;
      const ns = known.has(path) ? null : readWaitedNs(path);
      if (ns !== null) known.set(path, ns);
    }
    if (known.size > 0) this.#threads.set(pid, known);
  }

  /** @returns whether one of them is new. */
  #meetGroups(): boolean {
    let isNew = false;
    for (const { pid, start, marker } of this.#groups()) {
      const name = marker ?? `${pid} ${start}`;
      const service = this.#services.get(name) ?? { marker, known: new Map(), numbers: new Set() };
      this.#services.set(name, service);
      if (pid === null) continue;
      service.numbers.add(pid);
      if (start === null || service.known.get(pid) === start) continue;
      service.known.set(pid, start);
      isNew = true;
    }
    return isNew;
  }

  /** By the same rule as in heal: a group's number may be a stranger's by now. */
  #assign(): void {
    const rows = [...this.#seen.values()].map(({ row }) => row);
    for (const service of this.#services.values()) {
      const { processes, numbers } = belonging(rows, {
        ...service,
        isFresh: false,
        isMarked: (pid) => service.marker !== null && this.#seen.get(pid)?.marker === service.marker,
      });
      for (const { pid, start } of processes) {
        service.known.set(pid, start);
        this.#members.set(pid, start);
        this.#marks.set(pid, service.marker);
      }
      for (const number of numbers) service.numbers.add(number);
    }
  }
}

/** Threads of a process that are read. Each is a file to be read again and again. The first is the main thread. */
const MOST_THREADS = 64;

interface Service {
  readonly marker: string | null;
  /** See `Belongings`. */
  readonly known: Map<number, string>;
  readonly numbers: Set<number>;
}

/** schedstat (see the kernel's sched-stats): its second field is the time in ns spent waiting on a run queue. */
function readWaitedNs(path: string): number | null {
  try {
    return Number(readFileSync(path, "latin1").split(" ")[1]);
  } catch {
    // The thread has ended, or the kernel does not count it.
    return null;
  }
}

function startOf(pid: number): string | null {
  const fields = procStat(pid);
  return fields && startIn(fields);
}

/** Field 22 of proc_pid_stat(5). */
function startIn(fields: readonly string[]): string {
  return fields[19] ?? "";
}

/**
 * proc_net(5): the second column is the local address in hexadecimal, the fourth the state (0A: listening), the tenth
 * the inode.
 */
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
