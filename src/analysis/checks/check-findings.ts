/** What checks have to say of one fault, before all other findings. */

import { brokenKinds, type LimitedKind } from "../../measure/checks/broken-ids.js";
import type { CheckReport, FaultReport, Reason } from "../document/report.js";
import { type Told, told } from "../findings/finding.js";
import type { PhaseView } from "../measurement/phase-view.js";
import { because, reason, reasonText } from "../reasons/reasons.js";
import { slowerCompletionFinding } from "./slower-completion.js";

/** A fault in which something was lost has failed, although its SLOs held. One that was not proven stays invalid. */
export function withCheckFindings(
  fault: FaultReport,
  checks: readonly CheckReport[],
  { baseline, during }: FaultViews,
): FaultReport {
  const slower = checks.flatMap((check): CheckFinding[] => {
    const found = slowerCompletionFinding(check, baseline, during);
    return found === null ? [] : [{ ...found, id: "completion", brokenBy: null }];
  });
  const findings = [...checks.flatMap((check) => findingsOf(fault.name, check)), ...slower];
  if (findings.length === 0) return fault;
  const [broken] = findings.flatMap(({ brokenBy }) => brokenBy ?? []);
  const failsBy = fault.verdict === "pass" || fault.verdict === "inconclusive" ? broken : undefined;
  return {
    ...fault,
    ...(failsBy && { verdict: "fail", ...because(failsBy), inReason: ["check"] }),
    findings: [...findings.map(({ text }) => text), ...fault.findings],
    findingIds: [...findings.map(({ id }) => id), ...(fault.findingIds ?? [])],
    findingFacts: [...findings.map(({ facts }) => facts), ...(fault.findingFacts ?? [])],
  };
}

interface FaultViews {
  readonly baseline: PhaseView | null;
  readonly during: PhaseView | null;
}

interface CheckFinding extends Told {
  readonly id: "check" | "completion";
  /** The check does not hold because of it. null: it does, or because of something else. */
  readonly brokenBy: Reason | null;
}

function findingsOf(fault: string, check: CheckReport): CheckFinding[] {
  const { name, ids, verdict } = check;
  if (verdict !== "fail") return [];
  const inPhases = check.asked
    .filter((asks) => asks.fault === fault && asks.broken > 0)
    .map((asks): CheckFinding => {
      const { when, asked, broken, firstBroken } = asks;
      const facts = { check: name, when, asked, broken };
      const why = reason("check_broken_in_fault", { check: name, when, what: firstBroken?.reason ?? null });
      return { ...told(reasonText([why]), facts), id: "check", brokenBy: why };
    });
  if (ids === undefined) return inPhases;
  const inFault = (kind: LimitedKind) =>
    ids[kind].sent.filter((sent) => sent.fault === fault).reduce((sum, { count }) => sum + count, 0);
  const counts = {
    lost: inFault("lost"),
    duplicated: inFault("duplicated"),
    unexpected: inFault("unexpected"),
  };
  if (counts.lost + counts.duplicated + counts.unexpected === 0) return inPhases;
  const isBroken = brokenKinds(ids).some((kind) => counts[kind] > 0);
  const facts = { check: name, request: ids.request, ...counts };
  const why = reason("ids_of_fault", facts);
  return [{ ...told(reasonText([why]), facts), id: "check", brokenBy: isBroken ? why : null }, ...inPhases];
}
