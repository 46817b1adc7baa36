import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/**
 * Set in the environment of each service to "RUN/SERVICE". On Linux it finds those of its descendants that left the
 * process group (daemons), and those whose pid the journal could not learn any more.
 */
export const SERVICE_MARKER = "FAULTLINE_SERVICE";

/** What the system tells of its processes. Those that are dead and only wait to be collected (zombies) do not count. */
export interface ProcessTable {
  /** When it began, in a form that only serves for comparing; null when there is no such process. */
  startOf(pid: number): string | null;
  /**
   * Pids of the processes whose group `leader` began (null: unknown), and, where the system shows them, of those whose
   * session it began, and those whose SERVICE_MARKER is `marker`; one that ends in "/" stands for all below it.
   */
  members(leader: number | null, marker: string): number[];
}

/** Linux: reads /proc. */
export const procTable: ProcessTable = {
  /** Clock ticks since boot. */
  startOf: (pid) => readStat(pid)?.start ?? null,
  members: (leader, marker) =>
    readdirSync("/proc")
      .map(Number)
      .filter((pid) => Number.isInteger(pid) && pid !== process.pid)
      .filter((pid) => {
        const stat = readStat(pid);
        if (!stat) return false;
        return stat.group === leader || stat.session === leader || carriesMarker(pid, marker);
      }),
};

/**
 * Elsewhere: asks ps, which shows no environments, and sessions only on some systems: it finds the group that `leader`
 * began alone, so that what leaves it within the session (a shell's background job, say) is not found.
 */
export const psTable: ProcessTable = {
  startOf(pid) {
    try {
      const [state = "", ...started] = ps(["stat", "lstart"], "-p", String(pid)).trim().split(/\s+/);
      return state === "" || state.startsWith("Z") ? null : started.join(" ");
    } catch {
      // It fails for a pid that is not there.
      return null;
    }
  },
  members: (leader) =>
    leader === null
      ? []
      : ps(["pid", "pgid", "stat"], "-A")
          .split("\n")
          .map((line) => line.trim().split(/\s+/))
          .filter(([, group, state]) => Number(group) === leader && !state?.startsWith("Z"))
          .map(([pid]) => Number(pid)),
};

export const processTable = process.platform === "linux" ? procTable : psTable;

function ps(columns: readonly string[], ...which: readonly string[]): string {
  // An option for each column: what follows a "=" is its header, up to the end of the argument (POSIX).
  const format = columns.flatMap((column) => ["-o", `${column}=`]);
  return execFileSync("ps", [...which, ...format], {
    encoding: "utf8",
    // Times in the words of one language and one zone: another process, with other settings, compares them.
    env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
    stdio: ["ignore", "pipe", "ignore"],
  });
}

interface ProcessStat {
  readonly group: number;
  readonly session: number;
  readonly start: string;
}

/** From /proc/PID/stat, see proc_pid_stat(5): fields 3 (state), 5 (pgrp), 6 (session) and 22 (starttime). */
function readStat(pid: number): ProcessStat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The program's name, in parentheses, may hold spaces and parentheses itself.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return null;
    return { group: Number(fields[2]), session: Number(fields[3]), start: fields[19] ?? "" };
  } catch {
    return null;
  }
}

function carriesMarker(pid: number, marker: string): boolean {
  try {
    const end = marker.endsWith("/") ? "" : "\0";
    return `\0${readFileSync(`/proc/${pid}/environ`, "latin1")}\0`.includes(
      `\0${SERVICE_MARKER}=${marker}${end}`,
    );
  } catch {
    return false;
  }
}
