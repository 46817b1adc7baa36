/** What journals know of stopped processes, and how these are continued. */

import { setTimeout as wait } from "node:timers/promises";
import { monotonicMs } from "../../support/clock.js";
import { type ProcessGroup, ServiceProcesses } from "../../support/processes/process-group.js";
import type { ProcessId, ProcessRow } from "../../support/processes/process-table.js";

export interface StoppedProcesses {
  readonly deed: "stop";
  readonly service: string;
  readonly group: ProcessGroup;
  /** All processes that the service had then. */
  readonly processes: readonly ProcessId[];
}

/** The system may take this long to stop or continue a process. A busy machine is slow to give it its turn. */
const CHANGE_MS = 5_000;

/** What can be signalled: a service of this run, or the processes that another run has left. */
export interface Signalled {
  living(): readonly ProcessRow[];
  signal(signal: NodeJS.Signals): void;
}

/** Processes of a service that another process has written down. */
export function processesOf({ group, processes }: StoppedProcesses): Signalled {
  return new ServiceProcesses(group, processes);
}

/** @returns pids that are not stopped when the time is over. Empty when all are stopped. */
export function stopAll(service: Signalled): Promise<readonly number[]> {
  return until(service, "SIGSTOP", (row) => row.isStopped);
}

/** @returns pids that are still stopped when the time is over. Empty when none is. */
export function continueAll(service: Signalled): Promise<readonly number[]> {
  return until(service, "SIGCONT", (row) => !row.isStopped);
}

/** Repeats the signal: a process may have forked between the look and the signal. */
async function until(
  service: Signalled,
  signal: NodeJS.Signals,
  isDone: (row: ProcessRow) => boolean,
): Promise<readonly number[]> {
  const deadlineMs = monotonicMs() + CHANGE_MS;
  service.signal(signal);
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 50)) {
    const open = service.living().filter((row) => !isDone(row));
    if (open.length === 0 || monotonicMs() > deadlineMs) return open.map(({ pid }) => pid);
    await wait(pauseMs);
    service.signal(signal);
  }
}
