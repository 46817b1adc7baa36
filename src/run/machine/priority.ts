/**
 * The instrument goes before what it measures on a machine that has too little time for all: late requests and a proxy
 * that waits for a CPU would be taken for the system's. Linux, and only where the system lets it (root, or CAP_SYS_NICE).
 */

import { getPriority, setPriority } from "node:os";

/** Nice levels. Three times the share of a program at normal priority; a system that needs its CPUs still gets them. */
const RAISED_BY = 5;
const LEAST_NICE = -20;

/** Of this thread before it was raised; null: it is not. */
let usual: number | null = null;

/** Raises this thread and all that it starts from now on. Returns what puts it back. */
export function raisePriority(): () => void {
  if (process.platform !== "linux" || usual !== null) return () => {};
  const before = getPriority();
  try {
    setPriority(Math.max(LEAST_NICE, before - RAISED_BY));
  } catch {
    // Not allowed: the report says when the load generator was late.
    return () => {};
  }
  usual = before;
  return () => {
    setPriority(before);
    usual = null;
  };
}

/** For starting what is not faultline's: a process gets the priority of the thread that starts it. */
export function atUsualPriority<T>(start: () => T): T {
  if (usual === null) return start();
  const raised = getPriority();
  setPriority(usual);
  try {
    return start();
  } finally {
    setPriority(raised);
  }
}
