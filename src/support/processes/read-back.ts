/** Whether what was written down of processes can be taken for what it says it is. */

// By hand and not by a schema library: watchdogs keep this in memory for as long as a run lasts. What is written can be
// cut, mixed up or edited, and no signal may go to a process that it does not name.

import type { ProcessGroup } from "./process-group.js";
import type { ProcessId } from "./process-table.js";

export function isProcessGroup(value: unknown): value is ProcessGroup {
  return (
    isRecord(value) &&
    (value.pid === null || isPid(value.pid)) &&
    isTextOrNull(value.start) &&
    // An empty one would stand for every process that carries a marker.
    typeof value.marker === "string" &&
    value.marker.includes("/")
  );
}

export function areProcessIds(value: unknown): value is readonly ProcessId[] {
  return (
    Array.isArray(value) &&
    value.every((each) => isRecord(each) && isPid(each.pid) && typeof each.start === "string")
  );
}

/** 0 and negative numbers would name other processes than a service's when they are signalled. */
export function isPid(value: unknown): boolean {
  return typeof value === "number" && Number.isInteger(value) && value > 0;
}

export function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === "string";
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
