import type { LaterRound } from "../plan/fault-round.js";
import type { RunRecord } from "./record.js";

/** Records of versions in which a round was part of a fault's name get it beside the name. */
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
