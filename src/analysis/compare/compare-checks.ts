/** Compares the checks of two runs. A check has no numbers with intervals: its verdicts are all that there is. */

import type { CheckReport, Report } from "../document/report.js";
import { cannotTell } from "./compare-slos.js";
import type { ComparedCheck } from "./run-comparison.js";

/** By name. An older report may have no checks at all. */
export function compareChecks(
  { checks: before = [] }: Report,
  { checks: after = [] }: Report,
): ComparedCheck[] {
  const names = [...new Set([...after, ...before].map(({ name }) => name))];
  return names.map((check) => {
    const old = before.find(({ name }) => name === check);
    const now = after.find(({ name }) => name === check);
    return { check, old: old?.verdict ?? null, new: now?.verdict ?? null, ...compareCheck(old, now) };
  });
}

type CheckAnswer = Pick<ComparedCheck, "answer" | "undecided" | "because" | "reason">;

function compareCheck(old: CheckReport | undefined, now: CheckReport | undefined): CheckAnswer {
  if (old === undefined || now === undefined) {
    const run = now === undefined ? "earlier" : "later";
    const found = now?.verdict === "fail" ? ` It is broken: ${now.reason}` : "";
    return cannotTell("one_run", `Only the ${run} run has this check.${found}`, { id: "one_run", run });
  }
  for (const [run, { verdict, reason }] of [
    ["earlier", old],
    ["later", now],
  ] as const) {
    if (!isAnswered(verdict)) {
      return cannotTell("not_judged", `In the ${run} run: ${reason}`, { id: verdict, run, check: now.name });
    }
  }
  if (old.verdict === now.verdict) {
    return old.verdict === "pass"
      ? { answer: "same", because: { id: "held_in_both" }, reason: "It held in both runs." }
      : cannotTell("broken_in_both", `Now: ${now.reason} Before: ${old.reason}`, {
          id: "broken_in_both",
          check: now.name,
        });
  }
  return now.verdict === "fail"
    ? {
        answer: "regressed",
        because: { id: "broken_now" },
        reason: `It held and is broken now: ${now.reason}`,
      }
    : { answer: "fixed", because: { id: "holds_now" }, reason: `It was broken and holds now: ${now.reason}` };
}

function isAnswered(verdict: CheckReport["verdict"]): boolean {
  return verdict === "pass" || verdict === "fail";
}
