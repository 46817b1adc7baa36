import type { LaterRound } from "../plan/fault-round.js";
import type { RunRecord } from "./record.js";

/** Older records have the round inside the fault's name. Here it gets a field of its own. */
export function withRounds(record: RunRecord): RunRecord {
  return {
    ...record,
    plannedPhases: record.plannedPhases.map((phase) => withRound(phase, phase.fault)),
    phases: record.phases.map((phase) => withRound(phase, phase.fault)),
    faults: record.faults.map((fault) => withRound(fault, fault.name)),
  };
}

function withRound<T extends { readonly round?: LaterRound | undefined }>(part: T, label: string | null): T {
  if (part.round !== undefined) return part;
  const [, of, number] = /^(.*) \(round (\d+)\)$/s.exec(label ?? "") ?? [];
  return of === undefined ? part : { ...part, round: { of, number: Number(number) } };
}
