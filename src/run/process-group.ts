import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { sleep } from "../support/clock.js";

/**
 * Set in the environment of each service to "RUN/SERVICE". On Linux it finds those of its descendants that left the
 * process group (daemons), and those whose pid the journal could not learn any more.
 */
export const SERVICE_MARKER = "FAULTLINE_SERVICE";

/** A service's processes, named so that a reused pid is not mistaken for them. */
export interface ProcessGroup {
  /** Leader of the group and of its session; null when the runner died before it could be noted. */
  readonly pid: number | null;
  /** `processStart` of the leader; null when unknown. */
  readonly start: string | null;
  /** Value of SERVICE_MARKER; one that ends in "/" stands for all services of that run. */
  readonly marker: string;
}

/** How long the kernel may take to remove processes after SIGKILL. */
const KILL_WAIT_MS = 2_000;

/**
 * When the process began, in a form that only serves for comparing (clock ticks since boot on Linux); null when there
 * is no such process, or only its zombie.
 */
export function processStart(pid: number): string | null {
  if (process.platform === "linux") {
    const stat = readStat(pid);
    return stat && !stat.dead ? stat.start : null;
  }
  try {
    const started = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
    return started === "" ? null : started;
  } catch {
    return null;
  }
}

/** Pids of all living processes of the group: same group or session, or (Linux) carrying its marker. */
export function liveMembers(group: ProcessGroup): number[] {
  const pid = group.pid !== null && !isReused(group.pid, group.start) ? group.pid : null;
  if (process.platform !== "linux") return pid === null ? [] : membersByPs(pid);
  const members: number[] = [];
  for (const entry of readdirSync("/proc")) {
    const candidate = Number(entry);
    if (!Number.isInteger(candidate) || candidate === process.pid) continue;
    const stat = readStat(candidate);
    if (!stat || stat.dead) continue;
    if (pid !== null && (stat.group === pid || stat.session === pid)) members.push(candidate);
    else if (carriesMarker(candidate, group.marker)) members.push(candidate);
  }
  return members;
}

/**
 * Ends all processes of the group: SIGTERM, after `graceMs` SIGKILL. Resolves when none is left; rejects when some
 * survive even that.
 */
export async function endProcessGroup(group: ProcessGroup, graceMs: number): Promise<void> {
  signalAll(group, "SIGTERM");
  // A stopped process takes SIGTERM only when it runs again.
  signalAll(group, "SIGCONT");
  if (await isGoneWithin(group, graceMs, null)) return;
  signalAll(group, "SIGKILL");
  // Repeated, because a process may have forked between the look and the kill.
  if (await isGoneWithin(group, KILL_WAIT_MS, "SIGKILL")) return;
  throw new Error(`processes ${liveMembers(group).join(", ")} survived SIGKILL`);
}

async function isGoneWithin(group: ProcessGroup, ms: number, again: NodeJS.Signals | null): Promise<boolean> {
  const deadline = performance.now() + ms;
  for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 2, 50)) {
    if (liveMembers(group).length === 0) return true;
    const leftMs = deadline - performance.now();
    if (leftMs <= 0) return false;
    await sleep(Math.min(pauseMs, leftMs));
    if (again) signalAll(group, again);
  }
}

function signalAll(group: ProcessGroup, signal: NodeJS.Signals): void {
  if (group.pid !== null && !isReused(group.pid, group.start)) send(-group.pid, signal);
  for (const pid of liveMembers(group)) send(pid, signal);
}

/** True when the leader's pid now belongs to a process that began at another time. */
function isReused(pid: number, start: string | null): boolean {
  const now = processStart(pid);
  return now !== null && start !== null && now !== start;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already, or not ours to signal: the look that follows tells.
  }
}

interface ProcessStat {
  readonly dead: boolean;
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
    return {
      dead: fields[0] === "Z" || fields[0] === "X",
      group: Number(fields[2]),
      session: Number(fields[3]),
      start: fields[19] ?? "",
    };
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

function membersByPs(group: number): number[] {
  const lines = execFileSync("ps", ["-axo", "pid=,pgid=,stat="], { encoding: "utf8" }).split("\n");
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, pgid, state]) => Number(pgid) === group && !state?.startsWith("Z"))
    .map(([pid]) => Number(pid));
}
