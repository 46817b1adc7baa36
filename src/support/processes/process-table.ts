import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/**
 * Set in the environment of each service to "RUN/SERVICE". On Linux it finds descendants that left the process group
 * (daemons), and those whose pid the journal could not learn any more.
 */
export const SERVICE_MARKER = "FAULTLINE_SERVICE";

/** A process, named so that a later one with the same pid is not mistaken for it. */
export interface ProcessId {
  readonly pid: number;
  /** When it began, in a form that only serves for comparing. */
  readonly start: string;
}

export interface ProcessRow extends ProcessId {
  readonly parent: number;
  readonly group: number;
  /** null when the system does not show it. */
  readonly session: number | null;
  /** Dead, and waits to be collected: it does nothing any more, and still holds its pid. */
  readonly isZombie: boolean;
  /** By SIGSTOP, Ctrl-Z or a debugger. */
  readonly isStopped: boolean;
}

/** What the system tells of its processes. */
export interface ProcessTable {
  /** All processes but this one. */
  rows(): readonly ProcessRow[];
  /** @returns null when there is no such process. */
  row(pid: number): ProcessRow | null;
  /** Its SERVICE_MARKER. @returns null when it has none, or when the system does not show it. */
  markerOf(pid: number): string | null;
}

/** Linux: reads /proc. */
export const procTable: ProcessTable = {
  rows: () =>
    readdirSync("/proc")
      .map(Number)
      .filter((pid) => Number.isInteger(pid) && pid !== process.pid)
      .flatMap((pid) => readStat(pid) ?? []),
  row: readStat,
  markerOf(pid) {
    try {
      const environment = `\0${readFileSync(`/proc/${pid}/environ`, "latin1")}\0`;
      const at = environment.indexOf(`\0${SERVICE_MARKER}=`);
      if (at < 0) return null;
      const from = at + SERVICE_MARKER.length + 2;
      return environment.slice(from, environment.indexOf("\0", from));
    } catch {
      // Gone, or of another user.
      return null;
    }
  },
};

/** Other systems: asks ps. It shows no environments, and sessions only on some systems. */
export const psTable: ProcessTable = {
  rows: () => ps("-A").filter(({ pid }) => pid !== process.pid),
  row(pid) {
    try {
      return ps("-p", String(pid))[0] ?? null;
    } catch {
      // It fails for a pid that does not exist.
      return null;
    }
  },
  markerOf: () => null,
};

export const processTable = process.platform === "linux" ? procTable : psTable;

/** When a living process began. @returns null when there is none of this pid. */
export function startOf(pid: number, table: ProcessTable = processTable): string | null {
  const row = table.row(pid);
  return row === null || row.isZombie ? null : row.start;
}

/**
 * The fields of /proc/PID/stat from the third (the state) on, see proc_pid_stat(5). The program's name before them, in
 * parentheses, may hold spaces and parentheses itself. @returns null when the system shows none.
 */
export function procStat(pid: number): readonly string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}

/** proc(5) counts in USER_HZ, which is 100 on every architecture that Node runs on. */
export const CLOCK_TICKS_PER_S = 100;

/**
 * CPU time of a process and all its threads, with that of its children which have ended and were waited for. So what a
 * child has had does not go when it ends. @returns null when the system does not show it.
 */
export function cpuSOf(pid: number): number | null {
  const fields = procStat(pid);
  return fields && cpuSIn(fields);
}

/** As `cpuSOf`, from the fields of `procStat`: 14 to 17 are utime, stime, cutime and cstime. */
export function cpuSIn(fields: readonly string[]): number {
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / CLOCK_TICKS_PER_S;
}

function ps(...which: readonly string[]): ProcessRow[] {
  // An option for each column: the text after "=" is its header, up to the end of the argument (POSIX).
  const format = ["pid", "ppid", "pgid", "stat", "lstart"].flatMap((column) => ["-o", `${column}=`]);
  const text = execFileSync("ps", [...which, ...format], {
    encoding: "utf8",
    // Times in one language and one zone: another process, with other settings, compares them.
    env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  return text.split("\n").flatMap((line) => {
    const [pid, parent, group, state = "", ...start] = line.trim().split(/\s+/);
    if (state === "") return [];
    return {
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      session: null,
      start: start.join(" "),
      isZombie: state.startsWith("Z"),
      isStopped: /^t/i.test(state),
    };
  });
}

/** Linux. Starts are counted in clock ticks since boot. */
function readStat(pid: number): ProcessRow | null {
  const fields = procStat(pid);
  if (fields === null) return null;
  const [state = "", parent, group, session, ...later] = fields;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    // Field 22.
    start: later[15] ?? "",
    isZombie: state === "Z" || state === "X",
    isStopped: /^t/i.test(state),
  };
}
