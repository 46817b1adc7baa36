/** What finished runs mean to their caller: how they compare with an earlier run, and exit codes. */

import { compareRuns } from "../analysis/compare/compare-runs.js";
import type { RunComparison } from "../analysis/compare/run-comparison.js";
import type { Report } from "../analysis/document/report.js";
import { describeLetThrough, exitCodeFor, type FailOn } from "../report/fail-on.js";
import { EXIT, worstExit } from "../support/errors.js";
import { describeMapped, mappedExitCode } from "./exit-code-maps.js";

export interface OutcomeOptions {
  readonly failOn: readonly FailOn[];
  /** One of EXIT_CODE_MAPS. null: none. */
  readonly exitCodeMap?: string | null;
  /** The run to compare with. null: none. */
  readonly earlier: Report | null;
}

export interface RunOutcome {
  readonly exitCode: number;
  /** null: there is no earlier run, or it is another test. */
  readonly comparison: RunComparison | null;
  /** Why the earlier run is another test. */
  readonly mismatches: readonly string[];
  /** What is said beside an exit code that `failOn` or a map has changed. null: nothing has changed it. */
  readonly letThrough: string | null;
}

export function outcomeOf(
  report: Report,
  { failOn, earlier, exitCodeMap = null }: OutcomeOptions,
): RunOutcome {
  const compared = earlier && compareRuns(earlier, report);
  const mismatches = compared?.mismatches ?? [];
  const comparison = mismatches.length === 0 ? compared : null;
  const own = exitCodeFor(report, failOn);
  const hasRegressed = own === EXIT.ok && comparison?.answer === "regressed";
  const exitCode = hasRegressed ? EXIT.sloBroken : own;
  return {
    exitCode: mappedExitCode(exitCode, exitCodeMap),
    comparison,
    mismatches,
    letThrough: describeMapped(exitCode, exitCodeMap) ?? describeLetThrough(report, failOn),
  };
}

/** What became of one scenario of several. */
export interface ScenarioResult {
  readonly file: string;
  readonly exitCode: number;
  /** null when it could not begin. */
  readonly report: Report | null;
  /** It was compared with the earlier run. */
  readonly isCompared: boolean;
}

export interface BatchOutcome {
  readonly exitCode: number;
  /** How many scenarios were not run, because an interrupt came first. */
  readonly notRun: number;
  /** A comparison was asked for, runs were judged, and none of them is the same test. */
  readonly lacksComparison: boolean;
}

/** For several runs, one after another. */
export function batchOutcome(
  results: readonly ScenarioResult[],
  { planned, isComparing }: { readonly planned: number; readonly isComparing: boolean },
): BatchOutcome {
  const judged = results.filter(({ report }) => report !== null);
  const lacksComparison = isComparing && judged.length > 0 && judged.every(({ isCompared }) => !isCompared);
  const notRun = planned - results.length;
  const exitCode = worstExit([
    ...results.map((result) => result.exitCode),
    lacksComparison ? EXIT.undecided : EXIT.ok,
    notRun > 0 ? EXIT.interrupted : EXIT.ok,
  ]);
  return { exitCode, notRun, lacksComparison };
}
