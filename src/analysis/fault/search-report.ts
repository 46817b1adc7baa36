/** Reports a search for the breaking point. What it found is its result. Only a break at the mild end fails the run. */

import type { InjectionProof } from "../../faults/proof.js";
import type { FaultSearch } from "../../measure/record.js";
import type { Reason, Verdict } from "../document/report.js";
import { because, type Reasoned, reason } from "../reasons/reasons.js";
import { countOf } from "../wording/wording.js";
import { whyUnseen } from "./doubts.js";

interface SearchOutcome extends Reasoned {
  readonly verdict: Verdict;
  readonly findings: readonly string[];
}

/** What was injected, in words: "latency from 0 ms to 800 ms on inventory, in 7 trials". */
export function describeSearch({ attribute, unit, proxy, trials }: FaultSearch): string {
  const values = trials.map(({ value }) => value);
  if (values.length === 0) return `${attribute} on ${proxy}`;
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const range = least === most ? `of ${most} ${unit}` : `from ${least} ${unit} to ${most} ${unit}`;
  return `${attribute} ${range} on ${proxy}, in ${countOf(values.length, "trial")}`;
}

/** Whether a lesser value is worse, as with bandwidth. The severe end is tried first, the mild one next. */
export function lessIsWorse({ trials }: FaultSearch): boolean {
  const [severe] = trials;
  const mild = mildEndOf(trials);
  return severe !== undefined && mild !== undefined && mild > severe.value;
}

/** The severe end is tried first (and again, if the generator was late), the mild one next. */
function mildEndOf(trials: FaultSearch["trials"]): number | undefined {
  return trials.find(({ value }) => value !== trials[0]?.value)?.value;
}

/** The mildest value beyond `holdsUpTo` whose last try decided nothing. null: there is none. */
function undecidedBeyond(search: FaultSearch, holdsUpTo: number): number | null {
  const verdicts = new Map(search.trials.map(({ value, verdict }) => [value, verdict]));
  const sign = lessIsWorse(search) ? -1 : 1;
  const beyond = [...verdicts].filter(
    ([value, verdict]) => sign * value > sign * holdsUpTo && verdict !== "pass",
  );
  return beyond.map(([value]) => value).sort((a, b) => sign * (a - b))[0] ?? null;
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
    return outcome("inconclusive", [...found.because, unseen]);
  }
  if (found.verdict === "fail" || proof === null || proof.proven) return found;
  const why = because(reason("trials_not_proven", { explanation: proof.explanation }));
  return { verdict: "invalid", ...why, findings: [why.reason, ...found.findings] };
}

function outcome(verdict: Verdict, reasons: readonly Reason[]): SearchOutcome {
  const why = because(...reasons);
  return { verdict, ...why, findings: [why.reason] };
}

/** A search that ended early has not found its answer, whatever its trials have shown so far. */
function whole(endedEarly: string | null, found: SearchOutcome): SearchOutcome {
  if (endedEarly === null) return found;
  return outcome("inconclusive", [reason("search_ended_early", { why: endedEarly }), ...found.because]);
}

function outcomeOf(search: FaultSearch): SearchOutcome {
  const { holdsUpTo, breaksAt, until: slo, unit, attribute, proxy, trials } = search;
  const of = { slo, attribute, proxy, unit };
  if (holdsUpTo !== null && breaksAt !== null) {
    return outcome("pass", [reason("breaking_point", { ...of, holdsUpTo, breaksAt })]);
  }
  if (holdsUpTo !== null) {
    const undecided = undecidedBeyond(search, holdsUpTo);
    return undecided === null
      ? outcome("pass", [reason("held_in_every_trial", { ...of, holdsUpTo })])
      : outcome("inconclusive", [reason("nothing_decided_beyond", { ...of, holdsUpTo, undecided })]);
  }
  // The text says "even at" only when the mild end broke.
  if (breaksAt !== null && breaksAt !== mildEndOf(trials)) {
    return outcome("inconclusive", [reason("nothing_milder_known", { ...of, breaksAt })]);
  }
  if (breaksAt !== null) return outcome("fail", [reason("broken_in_every_trial", { ...of, breaksAt })]);
  return outcome("inconclusive", [reason("no_trial_decided", of)]);
}
