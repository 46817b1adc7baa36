import { EXIT } from "../../support/errors.js";
import type { EarlierComparison } from "../document/comparison-part.js";
import type { Report } from "../document/report.js";
import { compareRuns } from "./compare-runs.js";
import type { RunComparison } from "./run-comparison.js";

/**
 * The report of a run that is held against an earlier one. Its verdict stays: it says what this run has shown. A
 * regression changes the exit code of a run that passed.
 */
export function withComparison(report: Report, earlier: Report | null): Report {
  if (earlier === null) return report;
  const compared = compareRuns(earlier, report);
  const isOther = compared.mismatches.length > 0;
  const hasRegressed = !isOther && compared.answer === "regressed";
  return {
    ...report,
    exitCode: hasRegressed && report.exitCode === EXIT.ok ? EXIT.sloBroken : report.exitCode,
    comparison: {
      answer: isOther ? "another_test" : compared.answer,
      reason: isOther
        ? "Not compared with the earlier run, which is another test. The command exits 3 when it compared no run."
        : compared.reason,
      earlier: { startedAt: earlier.startedAt, ...compared.before },
      mismatches: [...compared.mismatches],
      rows: isOther ? [] : rowsOf(compared),
    },
  };
}

function rowsOf({ slos, checks }: RunComparison): EarlierComparison["rows"] {
  return [
    ...checks.map(({ check: name, answer, reason }) => {
      return { kind: "check" as const, name, fault: null, phase: null, answer, reason };
    }),
    ...slos.map(({ slo: name, fault, phase, answer, reason }) => {
      return { kind: "slo" as const, name, fault, phase, answer, reason };
    }),
  ];
}
