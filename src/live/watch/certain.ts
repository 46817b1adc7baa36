/** Verdicts in mid-run: for each fault, those that nothing later can change. */

import { analyse } from "../../analysis/analyse.js";
import type { FaultReport, SloResult } from "../../analysis/document/report.js";
import type { PhaseRecord, RunRecord } from "../../measure/record.js";
import { sloRow } from "../../report/shown/slo-row.js";
import { formatSeconds } from "../../support/format.js";
import type { LivePhase, LiveVerdict } from "./live-model.js";

/**
 * @param now the phase that has just begun.
 * @param known the verdicts before it.
 */
export function verdictsSoFar(
  record: RunRecord,
  now: LivePhase,
  known: readonly LiveVerdict[],
): LiveVerdict[] {
  const settled = known.filter(({ fault, verdict }) => fault !== now.fault && verdict !== null);
  const isSettled = (fault: string | null) => settled.some((each) => each.fault === fault);
  const { baseline, faults } = analyse(withoutPhases(record, (fault) => fault !== null && isSettled(fault)));
  const before = baseline.verdict === "not_run" || now.kind === "baseline" ? [] : [ofBaseline(baseline)];
  const others = faults.filter(({ name }) => !isSettled(name)).map((fault) => ofFault(fault, now));
  return [...before, ...settled.filter(({ fault }) => fault !== null), ...others];
}

/** Looking at all phases again each time would take longer and longer. */
function withoutPhases(record: RunRecord, isSettled: (fault: string | null) => boolean): RunRecord {
  const stays = ({ fault }: Pick<PhaseRecord, "fault">) => !isSettled(fault);
  return {
    ...record,
    phases: record.phases.filter(stays),
    faults: record.faults.filter(({ name }) => !isSettled(name)),
  };
}

function ofBaseline({
  verdict,
  slos,
}: {
  verdict: LiveVerdict["verdict"];
  slos: readonly SloResult[];
}): LiveVerdict {
  return {
    fault: null,
    verdict,
    slos: slos.map((slo) => ({ expect: slo.expect, observed: sloRow(slo).observed, verdict: slo.verdict })),
    back: null,
    recoveredS: null,
  };
}

/** While the system recovers, only what was measured under the fault is certain. */
function ofFault(fault: FaultReport, now: LivePhase): LiveVerdict {
  const isOver = fault.name !== now.fault;
  const { seconds, censored } = fault.recovery;
  const isBack = isOver && seconds !== null && !censored;
  const fromS = fault.letBackAtS ?? fault.removedAtS;
  return {
    fault: fault.name,
    verdict: isOver || fault.verdict === "fail" ? fault.verdict : null,
    slos: fault.slos.map((slo) => {
      const { observed, judged } = sloRow(slo);
      // What is undecided may be measured once more.
      const isDecided = slo.verdict === "pass" || slo.verdict === "fail";
      const isCertain = isOver || (isDecided && judged === "fault" && slo.phase === "fault");
      return {
        expect: slo.expect,
        observed: isCertain ? observed : "",
        verdict: isCertain ? slo.verdict : null,
      };
    }),
    back: isBack ? (seconds === 0 ? "never away" : `back after ${formatSeconds(seconds)}`) : null,
    recoveredS: isBack && seconds > 0 && fromS !== null ? fromS + seconds : null,
  };
}
