/** What checks have to say of the whole run. */

import { EXIT } from "../../support/errors.js";
import type { CheckReport, Report } from "../document/report.js";

export type Conclusion = Pick<Report, "verdict" | "exitCode" | "reason" | "reasonFaults" | "reasonChecks">;

/**
 * The conclusion on a run that came to its end, with its checks. What was lost comes before what was slow, and counts
 * also where nothing can be said of SLOs.
 */
export function withChecks(ofSlos: Conclusion, checks: readonly CheckReport[]): Conclusion {
  const failed = checks.filter(({ verdict }) => verdict === "fail");
  const unasked = checks.filter(({ verdict }) => verdict === "invalid");
  const [broken] = failed;
  const [open] = unasked;
  if (broken) {
    const more = failed.length > 1 ? ` ${failed.length} of ${checks.length} checks do not hold.` : "";
    const slos = ofSlos.verdict === "pass" ? "" : ` ${ofSlos.reason}`;
    return {
      ...ofSlos,
      verdict: "fail",
      exitCode: EXIT.sloBroken,
      reason: `${told(broken)}${more}${slos}`,
      reasonFaults: ofSlos.verdict === "pass" ? [] : (ofSlos.reasonFaults ?? []),
      reasonChecks: [broken.name],
    };
  }
  if (open && (ofSlos.verdict === "pass" || ofSlos.verdict === "inconclusive")) {
    return {
      verdict: "invalid",
      exitCode: EXIT.undecided,
      reason: `${told(open)} ${ofSlos.reason}`,
      reasonFaults: ofSlos.reasonFaults ?? [],
      reasonChecks: [open.name],
    };
  }
  if (open) return { ...ofSlos, reason: `${ofSlos.reason} ${told(open)}`, reasonChecks: [open.name] };
  if (ofSlos.verdict !== "pass") return ofSlos;
  const held = checks.length === 1 ? "Its check held." : `All ${checks.length} checks held.`;
  return { ...ofSlos, reason: `${ofSlos.reason} ${held}` };
}

function told({ name, reason }: CheckReport): string {
  return `Check "${name}": ${reason}`;
}
