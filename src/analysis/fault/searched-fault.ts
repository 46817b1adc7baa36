/** Turns a fault that is a search for the breaking point into its part of the report. */

import type { FaultSearch } from "../../measure/record.js";
import type { FaultReport, Finding } from "../document/report.js";
import { littleCrossed } from "../findings/little-crossed.js";
import { loadShiftOfTrials } from "../measurement/load-shift.js";
import { reason } from "../reasons/reasons.js";
import { type LoadShift, loadShiftOfTrialsText } from "../wording/load-shift-words.js";
import { ENDED_EARLY } from "../wording/wording.js";
import { type FaultInRun, faultFrame, findingFields, untimed } from "./fault-frame.js";
import { describeSearch, searchReport } from "./search-report.js";

const OF_TRIALS = reason("trials_not_timed", {});

export function searchedFault(run: FaultInRun, search: FaultSearch): FaultReport {
  const { fault, record, baseline } = run;
  const whole = faultFrame(run);
  const found = searchReport(search, fault.proof, cutShort(run));
  // A system that some trial broke uses the proxy.
  const beside =
    search.breaksAt === null && fault.proof?.proven ? littleCrossed(fault.proof.targets, baseline) : [];
  const trials = record.phases.filter(({ kind, fault: of }) => kind === "fault" && of === fault.name);
  const shift = loadShiftOfTrials(record.load, trials);
  const findings = [
    ...found.findings.map((text, index): Finding => {
      const { holdsUpTo, breaksAt, unit } = search;
      return index === 0
        ? { id: "search_result", facts: { holdsUpTo, breaksAt, unit }, text }
        : { id: "search", facts: {}, text };
    }),
    ...beside.map((one): Finding => ({ id: "little_crossed", ...one })),
    ...(shift === null ? [] : [loadDiffered(shift)]),
  ];
  return {
    ...whole,
    injection: { ...whole.injection, description: describeSearch(search) },
    recovery: untimed(OF_TRIALS),
    detection: untimed(OF_TRIALS),
    ...found,
    ...findingFields(findings),
    inReason: ["search_result"],
  };
}

function loadDiffered(shift: LoadShift): Finding {
  const { before: least, now: most, counts } = shift;
  return { id: "load_differed", facts: { least, most, counts }, text: loadShiftOfTrialsText(shift) };
}

/** How the run ended before this search was done. @returns null when the search was done. */
function cutShort({ record, fault }: FaultInRun): string | null {
  const { ending, faults } = record;
  // A failed rollback cuts no search short. It makes the run invalid by itself.
  if (ending.kind === "failed" && ending.code === "ROLLBACK_FAILED") return null;
  const last = faults.findLast(({ injectedAtS }) => injectedAtS !== null);
  return ending.kind === "completed" || last?.name !== fault.name
    ? null
    : ENDED_EARLY[ending.kind].toLowerCase();
}
