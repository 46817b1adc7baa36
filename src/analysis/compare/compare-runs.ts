/**
 * Compares one run with an earlier one of the same scenario. Each SLO is worse, better, the same, or cannot be told.
 * Pure.
 */

import { parseSlo } from "../../slo/parse.js";
import { EXIT } from "../../support/errors.js";
import type { FaultReport, Report, SloResult } from "../document/report.js";
import { compareSearches } from "./compare-searches.js";
import { cannotTell, compareSlos, type SloAnswer } from "./compare-slos.js";
import type { ComparedRun, ComparedSlo, RunComparison } from "./run-comparison.js";
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
  const regressed = slos.filter(({ answer }) => answer === "regressed");
  const told = slos.filter(({ answer }) => answer !== "regressed" && answer !== "cannot_tell");
  const fixed = slos.filter(({ answer }) => answer === "fixed");
  const improved = slos.filter(({ answer }) => answer === "improved");
  const shared = {
    before: asWhole(before),
    after: asWhole(after),
    slos,
    mismatches: mismatches(before, after),
    notes: notes(before, after),
  };
  const [worst] = regressed;
  if (worst) {
    const more = regressed.length > 1 ? ` (and ${regressed.length - 1} more)` : "";
    const where = worst.fault === null ? "the baseline" : `"${worst.fault}"`;
    const reason = `Regressed: "${worst.slo}" in ${where}${more}. ${worst.reason}`;
    return { answer: "regressed", exitCode: EXIT.sloBroken, reason, ...shared };
  }
  const unjudged = unjudgedParts(before, after);
  if (told.length === 0 || unjudged.length > 0) {
    const reason =
      unjudged.length > 0
        ? `It cannot be told whether anything regressed: ${unjudged.join("; ")}.`
        : "Nothing can be told from these two runs.";
    return { answer: "cannot_tell", exitCode: EXIT.undecided, reason, ...shared };
  }
  const open = slos.length - told.length;
  const itself = isOneRun(before, after) ? " It is one and the same run." : "";
  const better = `${listText("Was broken, holds now", fixed)}${listText("Improved", improved)}`;
  const betterAnswer = fixed.length > 0 ? "fixed" : improved.length > 0 ? "improved" : null;
  return open > 0
    ? {
        answer: betterAnswer ?? "none_shown",
        exitCode: EXIT.ok,
        reason: `${better}${told.length - fixed.length - improved.length} of ${slos.length} SLOs are the same; of ${open} it cannot be told whether they regressed.${itself}`,
        ...shared,
      }
    : {
        answer: betterAnswer ?? "same",
        exitCode: EXIT.ok,
        reason: `${better}No regression in any of ${slos.length} SLOs.${itself}`,
        ...shared,
      };
}

function asWhole({ verdict, score }: Report): ComparedRun {
  return { verdict, score: score === null ? null : Math.floor(score.value) };
}

/** 'Improved: "p99 < 500ms" in "slow cache" (and 2 more). ' @returns "" when there is no SLO to list. */
function listText(what: string, slos: readonly ComparedSlo[]): string {
  const [first] = slos;
  if (!first) return "";
  const more = slos.length > 1 ? ` (and ${slos.length - 1} more)` : "";
  const where = first.fault === null ? "the baseline" : `"${first.fault}"`;
  return `${what}: "${first.slo}" in ${where}${more}. `;
}

/**
 * Whether an SLO belongs to the baseline. The baseline is held to an "in fault" SLO too, but the SLO is the fault's.
 */
function isOfBaseline({ expect }: SloResult): boolean {
  const parsed = parseSlo(expect, { phases: ["baseline"] });
  return !parsed.ok || parsed.slo.phases.includes("baseline");
}

function isOneRun(before: Report, after: Report): boolean {
  return before.startedAt === after.startedAt && before.scenario.sha256 === after.scenario.sha256;
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

/** Parts that one of the runs lacks as a whole. The other parts must not speak for them. */
function unjudgedParts(before: Report, after: Report): string[] {
  return (["earlier", "later"] as const).flatMap((run) => {
    const { baseline, faults } = run === "earlier" ? before : after;
    const parts = [
      { name: "the baseline", verdict: baseline.verdict },
      ...faults.map(({ name, verdict }) => ({ name: `"${name}"`, verdict })),
    ];
    return parts.flatMap(({ name, verdict }) => {
      if (verdict !== "invalid" && verdict !== "not_run") return [];
      return [`${name} was ${verdict === "invalid" ? "invalid" : "not run"} in the ${run} run`];
    });
  });
}
