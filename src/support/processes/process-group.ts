import { Patience, sleep } from "../clock.js";
import { belonging } from "./belonging.js";
import { type ProcessId, type ProcessRow, processTable } from "./process-table.js";

/** A service's processes, named so that a reused pid is not mistaken for them. */
export interface ProcessGroup {
  /** Leader of the group and of its session. null when the runner died before it could be noted. */
  readonly pid: number | null;
  /** When the leader began. null when unknown: then only the marker tells. */
  readonly start: string | null;
  /** Value of SERVICE_MARKER. null: they carry none. */
  readonly marker: string | null;
}

/** The kernel may take this long to remove processes after SIGKILL. */
const KILL_WAIT_MS = 2_000;
/** Within this time after a look, the system has not used up all other pids and started again. */
const FRESH_MS = 1_000;

/** The processes of one service, followed from look to look. */
export class ServiceProcesses {
  readonly #group: ProcessGroup;
  readonly #known: Map<number, string>;
  /** Numbers of groups and sessions that have been the service's, and those that are now. */
  #numbers: ReadonlySet<number>;
  #held: ReadonlySet<number> = new Set();
  #lookedAtMs: number | null = null;

  /** `known`: further processes that were seen to be the service's. */
  constructor(group: ProcessGroup, known: readonly ProcessId[] = []) {
    this.#group = group;
    this.#known = new Map(known.map(({ pid, start }) => [pid, start]));
    if (group.pid !== null && group.start !== null) this.#known.set(group.pid, group.start);
    this.#numbers = new Set(group.pid === null ? [] : [group.pid]);
  }

  /** All that are living now. They stay known. */
  living(): readonly ProcessRow[] {
    const now = performance.now();
    const { marker } = this.#group;
    const { processes, numbers } = belonging(processTable.rows(), {
      known: this.#known,
      numbers: this.#numbers,
      isFresh: this.#lookedAtMs !== null && now - this.#lookedAtMs < FRESH_MS,
      isMarked: (pid) => marker !== null && processTable.markerOf(pid) === marker,
    });
    for (const { pid, start } of processes) this.#known.set(pid, start);
    this.#numbers = new Set([...this.#numbers, ...numbers]);
    this.#held = numbers;
    this.#lookedAtMs = now;
    return processes.filter(({ isZombie }) => !isZombie);
  }

  /** From now on these and their descendants are the service's, too. */
  adopt(processes: readonly ProcessId[]): void {
    for (const { pid, start } of processes) this.#known.set(pid, start);
  }

  /**
   * Ends them all: SIGTERM, then SIGKILL after `graceMs`. Resolves when none is left. Rejects when some survive even
   * that.
   */
  async end(graceMs: number): Promise<void> {
    this.signal("SIGTERM");
    // A stopped process takes SIGTERM only when it runs again.
    this.signal("SIGCONT");
    if (await this.#isGoneWithin(graceMs, null)) return;
    this.signal("SIGKILL");
    // Repeated, because a process may have forked between the look and the kill.
    if (await this.#isGoneWithin(KILL_WAIT_MS, "SIGKILL")) return;
    const left = this.living().map(({ pid }) => pid);
    throw new Error(`processes ${left.join(", ")} survived SIGKILL`);
  }

  /** To all that are living now. */
  signal(signal: NodeJS.Signals): void {
    const rows = this.living();
    const { pid: leader } = this.#group;
    // The group as a whole: a process that forks meanwhile cannot slip through.
    if (leader !== null && this.#held.has(leader)) send(-leader, signal);
    for (const { pid } of rows) send(pid, signal);
  }

  async #isGoneWithin(ms: number, again: NodeJS.Signals | null): Promise<boolean> {
    const patience = new Patience(ms);
    try {
      for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 2, 50)) {
        if (this.living().length === 0) return true;
        const { leftMs } = patience;
        if (leftMs === 0) return false;
        await sleep(Math.min(pauseMs, leftMs));
        if (again) this.signal(again);
      }
    } finally {
      patience.end();
    }
  }
}

/** Processes of which only pid and start are known. */
export function strays(processes: readonly ProcessId[]): ServiceProcesses {
  return new ServiceProcesses({ pid: null, start: null, marker: null }, processes);
}

/** Pids of all living processes of the group. */
export function liveMembers(group: ProcessGroup): number[] {
  return new ServiceProcesses(group).living().map(({ pid }) => pid);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already, or not ours to signal. The look that follows tells.
  }
}
