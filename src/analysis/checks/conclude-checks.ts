/** What checks have to say of the whole run. */

import { EXIT } from "../../support/errors.js";
import type { CheckReport, Report } from "../document/report.js";
import { idsBrokenBriefly } from "../wording/id-sentences.js";

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
    const { text, faults } = besideBroken(ofSlos, broken);
    return {
      ...ofSlos,
      verdict: "fail",
      exitCode: EXIT.sloBroken,
      reason: `${toldBriefly(broken)}${more}${text}`,
      reasonFaults: faults,
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

/** What the SLOs came to, after a check that does not hold. Lost ids take up the headline, so it is short there. */
function besideBroken(
  { verdict, reason, reasonFaults = [] }: Conclusion,
  { ids }: CheckReport,
): { readonly text: string; readonly faults: readonly string[] } {
  if (verdict === "pass") return { text: "", faults: [] };
  if (ids === undefined || verdict === "invalid") return { text: ` ${reason}`, faults: reasonFaults };
  return { text: verdict === "fail" ? " SLOs are broken, too." : " The SLOs are inconclusive.", faults: [] };
}

/** Without examples. They stand with the check. */
function toldBriefly(check: CheckReport): string {
  const { name, ids } = check;
  const brief = ids === undefined ? "" : idsBrokenBriefly(ids);
  return brief === "" ? told(check) : `Check "${name}": ${brief}`;
}

function told({ name, reason }: CheckReport): string {
  return `Check "${name}": ${reason}`;
}
