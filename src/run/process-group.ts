import { sleep } from "../support/clock.js";
import { processTable } from "./process-table.js";

/** A service's processes, named so that a reused pid is not mistaken for them. */
export interface ProcessGroup {
  /** Leader of the group and of its session; null when the runner died before it could be noted. */
  readonly pid: number | null;
  /** `ProcessTable.startOf` the leader; null when unknown. */
  readonly start: string | null;
  /** Value of SERVICE_MARKER; one that ends in "/" stands for all services of that run. */
  readonly marker: string;
}

/** How long the kernel may take to remove processes after SIGKILL. */
const KILL_WAIT_MS = 2_000;

/** Pids of all living processes of the group. */
export function liveMembers({ pid, start, marker }: ProcessGroup): number[] {
  return processTable.members(pid !== null && !isReused(pid, start) ? pid : null, marker);
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
  const now = processTable.startOf(pid);
  return now !== null && start !== null && now !== start;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already, or not ours to signal: the look that follows tells.
  }
}
