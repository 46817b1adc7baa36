import type { RunRecord } from "../../measure/record.js";

/** The time by the wall clock at which the load began. null: nothing was measured. */
export function loadStartMs({ phases: [first] }: RunRecord): number | null {
  return first ? Date.parse(first.startedAt) - first.startS * 1000 : null;
}
