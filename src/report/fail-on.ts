import type { Report, RunVerdict } from "../analysis/document/report.js";
import { EXIT, type ExitCode, FaultlineError } from "../support/errors.js";

/** Verdicts that may be let through. A pass needs no permission. */
export const FAIL_ON = [
  "fail",
  "inconclusive",
  "invalid",
  "aborted",
] as const satisfies readonly RunVerdict[];
export type FailOn = (typeof FAIL_ON)[number];

export const DEFAULT_FAIL_ON: readonly FailOn[] = FAIL_ON;

/** Reads "fail,inconclusive" or "none". @throws USAGE. */
export function parseFailOn(text: string): readonly FailOn[] {
  const words = text
    .split(",")
    .map((word) => word.trim())
    .filter(Boolean);
  if (words.length === 1 && words[0] === "none") return [];
  const known = (word: string): word is FailOn => (FAIL_ON as readonly string[]).includes(word);
  const unknown = words.find((word) => !known(word));
  if (unknown !== undefined || words.length === 0) {
    const found = unknown === undefined ? "nothing" : `"${unknown}"`;
    throw new FaultlineError(
      "USAGE",
      `--fail-on takes none or a list of ${FAIL_ON.join(", ")}; found ${found}`,
    );
  }
  return words.filter(known);
}

/** Exit codes of a judged run. All others say that something went wrong, and are never let through. */
const JUDGED: readonly number[] = [EXIT.sloBroken, EXIT.undecided];

/** The report's own exit code, or 0 when its verdict is none of those that should fail the pipeline. */
export function exitCodeFor(report: Report, failOn: readonly FailOn[]): ExitCode {
  const own = report.exitCode as ExitCode; // analysis takes it from EXIT
  if (report.verdict === "pass" || !JUDGED.includes(own)) return own;
  return failOn.includes(report.verdict) ? own : EXIT.ok;
}

/** What is said beside an exit code that --fail-on has turned into 0. @returns null when it has turned none. */
export function describeLetThrough(report: Report, failOn: readonly FailOn[]): string | null {
  const exitCode = exitCodeFor(report, failOn);
  if (exitCode === report.exitCode) return null;
  // A load test is about its baseline. In other runs the baseline only comes first.
  const verdicts = (report.faults.length > 0 ? report.faults : [report.baseline]).map(
    ({ verdict }) => verdict,
  );
  const isJudged = verdicts.some((verdict) => verdict === "pass" || verdict === "fail");
  const so = isJudged ? "" : ": nothing was judged in this run";
  return `Exit code ${exitCode}, as --fail-on leaves out "${report.verdict}"${so}.`;
}
