/**
 * The instrument goes before what it measures when a machine has too little time for all. Otherwise late requests, and
 * a proxy that waits for a CPU, would count as the system's. Linux only, and only when the system allows it (root, or
 * CAP_SYS_NICE).
 */

import { getPriority, setPriority } from "node:os";

/** Nice levels. Three times the share of a program at normal priority. A system that needs its CPUs still gets them. */
const RAISED_BY = 5;
const LEAST_NICE = -20;

/** This thread's priority before it was raised. null: it is not raised. */
let usual: number | null = null;

/** Raises this thread and everything that it starts from now on. @returns a function that puts it back. */
export function raisePriority(): () => void {
  if (process.platform !== "linux" || usual !== null) return () => {};
  const before = getPriority();
  try {
    setPriority(Math.max(LEAST_NICE, before - RAISED_BY));
  } catch {
    // Not allowed. The report says when the load generator was late.
    return () => {};
  }
  usual = before;
  return () => {
    setPriority(before);
    usual = null;
  };
}

/** For starting programs other than faultline: a process gets the priority of the thread that starts it. */
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
