/** What checks have to say of the whole run. */

import { EXIT } from "../../support/errors.js";
import type { CheckReport, Reason, Report } from "../document/report.js";
import { reason } from "../reasons/reasons.js";
import { briefIds } from "../wording/id-sentences.js";

export interface Conclusion extends Pick<Report, "verdict" | "exitCode" | "reasonFaults" | "reasonChecks"> {
  readonly because: readonly Reason[];
}

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
    const counts = { broken: failed.length, of: checks.length };
    const more = failed.length > 1 ? [reason("checks_broken", counts)] : [];
    const { because, faults } = besideBroken(ofSlos, broken);
    return {
      ...ofSlos,
      verdict: "fail",
      exitCode: EXIT.sloBroken,
      because: [...toldBriefly(broken), ...more, ...because],
      reasonFaults: faults,
      reasonChecks: [broken.name],
    };
  }
  if (open && (ofSlos.verdict === "pass" || ofSlos.verdict === "inconclusive")) {
    return {
      verdict: "invalid",
      exitCode: EXIT.undecided,
      because: [...told(open), ...ofSlos.because],
      reasonFaults: ofSlos.reasonFaults ?? [],
      reasonChecks: [open.name],
    };
  }
  if (open) {
    return { ...ofSlos, because: [...ofSlos.because, ...told(open)], reasonChecks: [open.name] };
  }
  if (ofSlos.verdict !== "pass") return ofSlos;
  const held = reason("checks_held", { checks: checks.length });
  return { ...ofSlos, because: [...ofSlos.because, held] };
}

/** What the SLOs came to, after a check that does not hold. Lost ids take up the headline, so it is short there. */
function besideBroken(
  { verdict, because, reasonFaults = [] }: Conclusion,
  { ids }: CheckReport,
): { readonly because: readonly Reason[]; readonly faults: readonly string[] } {
  if (verdict === "pass") return { because: [], faults: [] };
  if (ids === undefined || verdict === "invalid") return { because, faults: reasonFaults };
  const beside = verdict === "fail" ? verdict : "inconclusive";
  return { because: [reason("slos_beside", { verdict: beside })], faults: [] };
}

/** Without examples. They stand with the check. */
function toldBriefly(check: CheckReport): readonly Reason[] {
  const { name, ids } = check;
  const brief = ids === undefined ? null : briefIds(ids);
  return brief === null
    ? told(check)
    : [reason("check", { check: name }), reason("ids_broken_briefly", brief)];
}

function told({ name, because = [] }: CheckReport): readonly Reason[] {
  return [reason("check", { check: name }), ...because];
}
