import type { MomentOf } from "../../checks/ids/compare-ids.js";
import type { FaultRecord, PhaseRecord } from "../../measure/record.js";
import type { RunSpans } from "./id-checks.js";

/** Tells when a request was due: with which fault in place, or after which. Between phases, too. */
export function sentMoments(
  phases: readonly Pick<PhaseRecord, "kind" | "startS">[],
  faults: readonly Pick<FaultRecord, "name" | "injectedAtS" | "removedAtS">[],
): MomentOf {
  const baselineS = phases.find(({ kind }) => kind === "baseline")?.startS ?? 0;
  const injected = faults.filter(({ injectedAtS }) => injectedAtS !== null);
  return (sentS) => {
    const last = injected.findLast(({ injectedAtS }) => (injectedAtS ?? 0) <= sentS);
    if (last === undefined) return { when: sentS < baselineS ? "warmup" : "baseline", fault: null };
    const isOver = last.removedAtS !== null && last.removedAtS <= sentS;
    return { when: isOver ? "recovery" : "fault", fault: last.name };
  };
}

/** The phases that are judged, and when faults went in. */
export function spansOf(
  phases: readonly Pick<PhaseRecord, "id" | "kind" | "fault" | "round" | "startS" | "durationS" | "all">[],
  faults: readonly Pick<FaultRecord, "injectedAtS">[],
): RunSpans {
  return {
    phases: phases
      .filter(({ kind }) => kind !== "warmup")
      .map((phase) => ({ ...phase, seconds: phase.all.scheduled.length })),
    injectedAtS: faults.flatMap(({ injectedAtS }) => (injectedAtS === null ? [] : [injectedAtS])),
  };
}
