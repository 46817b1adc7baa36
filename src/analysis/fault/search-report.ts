/** Reports a search for the breaking point. What it found is its result. Only a break at the mild end fails the run. */

import type { InjectionProof } from "../../faults/proof.js";
import type { FaultSearch } from "../../measure/record.js";
import type { FaultReport } from "../document/report.js";
import { countOf } from "../wording/wording.js";
import { whyUnseen } from "./doubts.js";

type SearchOutcome = Pick<FaultReport, "verdict" | "reason" | "findings">;

/** What was injected, in words: "latency from 0 ms to 800 ms on inventory, in 7 trials". */
export function describeSearch({ attribute, unit, proxy, trials }: FaultSearch): string {
  const values = trials.map(({ value }) => value);
  if (values.length === 0) return `${attribute} on ${proxy}`;
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const range = least === most ? `of ${most} ${unit}` : `from ${least} ${unit} to ${most} ${unit}`;
  return `${attribute} ${range} on ${proxy}, in ${countOf(values.length, "trial")}`;
}

/** Whether a lesser value is worse, as with bandwidth. The severe end is tried first, the mild one next. */
export function lessIsWorse({ trials: [severe, mild] }: FaultSearch): boolean {
  return severe !== undefined && mild !== undefined && mild.value > severe.value;
}

/**
 * @param proof the proof of the trial with the weakest evidence.
 * @param cutShort how the run ended before the search was done ("the run was aborted"). null: the search was done.
 */
export function searchReport(
  search: FaultSearch,
  proof: InjectionProof | null,
  cutShort: string | null = null,
): SearchOutcome {
  const seen = outcomeOf(search);
  // A break at both ends is all that there is to find.
  const found = whole(search.endedEarly ?? (seen.verdict === "fail" ? null : cutShort), seen);
  // A system that some trial broke did not go around the fault.
  const unseen = search.breaksAt === null ? whyUnseen(proof) : null;
  if (found.verdict === "pass" && unseen !== null) {
    const reason = `${found.reason} ${unseen}`;
    return { verdict: "inconclusive", reason, findings: [reason] };
  }
  if (found.verdict === "fail" || proof === null || proof.proven) return found;
  const reason = `In some trials it could not be shown that the fault touched anything: ${proof.explanation}`;
  return { verdict: "invalid", reason, findings: [reason, ...found.findings] };
}

/** A search that ended early has not found its answer, whatever its trials have shown so far. */
function whole(endedEarly: string | null, found: SearchOutcome): SearchOutcome {
  if (endedEarly === null) return found;
  const reason = `The search ended early, as ${endedEarly}. ${found.reason}`;
  return { verdict: "inconclusive", reason, findings: [reason] };
}

function outcomeOf(search: FaultSearch): SearchOutcome {
  const { holdsUpTo, breaksAt, until, unit, attribute, proxy, trials } = search;
  const of = `${attribute} on ${proxy}`;
  const value = (n: number) => `${n} ${unit}`;
  if (holdsUpTo !== null && breaksAt !== null) {
    const reason = `"${until}" holds up to ${value(holdsUpTo)} of ${of} and breaks at ${value(breaksAt)}.`;
    return { verdict: "pass", reason, findings: [reason] };
  }
  if (holdsUpTo !== null) {
    const reason = `"${until}" held in every trial, up to ${value(holdsUpTo)} of ${of}; where it breaks was not found.`;
    return { verdict: "pass", reason, findings: [reason] };
  }
  // The severe end is tried first (and again, if the generator was late), the mild one next. The text says "even at"
  // only when the mild one broke.
  const mildEnd = trials.find((trial) => trial.value !== trials[0]?.value)?.value;
  if (breaksAt !== null && breaksAt !== mildEnd) {
    const reason = `"${until}" breaks at ${value(breaksAt)} of ${of}; whether it holds at anything milder is not known.`;
    return { verdict: "inconclusive", reason, findings: [reason] };
  }
  if (breaksAt !== null) {
    const reason = `"${until}" was broken in every trial, even at ${value(breaksAt)} of ${of}.`;
    return { verdict: "fail", reason, findings: [reason] };
  }
  const reason = `No trial could decide whether "${until}" holds, so nothing is known of ${of}.`;
  return { verdict: "inconclusive", reason, findings: [reason] };
}
