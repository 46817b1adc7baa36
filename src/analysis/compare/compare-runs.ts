/**
 * Compares one run with an earlier one of the same scenario. Each SLO and each check is worse, better, the same, or
 * cannot be told. Pure.
 */

import { parseSlo } from "../../slo/parse.js";
import type { FaultReport, Report, SloResult } from "../document/report.js";
import { answerOf } from "./answer-of-rows.js";
import { compareChecks } from "./compare-checks.js";
import { compareSearches } from "./compare-searches.js";
import { cannotTell, compareSlos, type SloAnswer } from "./compare-slos.js";
import type { ComparedRun, RunComparison } from "./run-comparison.js";
import { faultNames, mismatches, notes } from "./test-differences.js";

export function compareRuns(before: Report, after: Report): RunComparison {
  const slos = [
    ...compareSlos(null, before.baseline.slos.filter(isOfBaseline), after.baseline.slos.filter(isOfBaseline)),
    ...faultNames(before, after).flatMap((name) => {
      const [old, now] = [before, after].map(({ faults }) => faults.find((fault) => fault.name === name));
      const unproven = unprovenIn(old, "earlier") ?? unprovenIn(now, "later");
      const compared = [...compareSlos(name, old?.slos ?? [], now?.slos ?? []), ...compareSearches(old, now)];
      return unproven === null ? compared : compared.map((slo) => ({ ...slo, ...unproven }));
    }),
  ];
  const checks = compareChecks(before, after);
  return {
    ...answerOf(before, after, { slos, checks }),
    before: asWhole(before),
    after: asWhole(after),
    slos,
    checks,
    mismatches: mismatches(before, after),
    notes: notes(before, after),
  };
}

function asWhole({ verdict, score }: Report): ComparedRun {
  return { verdict, score: score === null ? null : Math.floor(score.value) };
}

/**
 * Whether an SLO belongs to the baseline. The baseline is held to an "in fault" SLO too, but the SLO is the fault's.
 */
function isOfBaseline({ expect }: SloResult): boolean {
  const parsed = parseSlo(expect, { phases: ["baseline"] });
  return !parsed.ok || parsed.slo.phases.includes("baseline");
}

/**
 * Why one of the runs did not prove the fault. Its rows then say nothing, whatever verdicts an older report has for
 * them.
 */
function unprovenIn(fault: FaultReport | undefined, run: "earlier" | "later"): SloAnswer | null {
  if (fault === undefined || fault.injectedAtS === null || fault.injection.proven) return null;
  const because = { id: "not_proven", run };
  return fault.verdict === "invalid"
    ? cannotTell("not_judged", `In the ${run} run: ${fault.reason}`, { ...because, fault: fault.name })
    : cannotTell(
        "not_judged",
        `In the ${run} run: It could not be shown that the fault did what was asked.`,
        because,
      );
}
