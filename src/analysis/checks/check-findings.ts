/** What checks have to say of one fault, before all other findings. */

import type { CheckReport, FaultReport } from "../document/report.js";
import { type Told, told } from "../findings/finding.js";
import { brokenInFault, idsOfFault } from "../wording/check-sentences.js";

export function withCheckFindings(fault: FaultReport, checks: readonly CheckReport[]): FaultReport {
  const findings = checks.flatMap((check) => findingsOf(fault.name, check));
  if (findings.length === 0) return fault;
  return {
    ...fault,
    findings: [...findings.map(({ text }) => text), ...fault.findings],
    findingIds: [...findings.map(() => "check"), ...(fault.findingIds ?? [])],
    findingFacts: [...findings.map(({ facts }) => facts), ...(fault.findingFacts ?? [])],
  };
}

function findingsOf(fault: string, check: CheckReport): Told[] {
  const { name, ids, verdict } = check;
  if (verdict !== "fail") return [];
  if (ids === undefined) {
    return check.asked
      .filter((asks) => asks.fault === fault && asks.broken > 0)
      .map((asks) => {
        const { when, asked, broken } = asks;
        return told(brokenInFault(name, asks), { check: name, when, asked, broken });
      });
  }
  const inFault = (kind: "lost" | "duplicated" | "unexpected") =>
    ids[kind].sent.filter((sent) => sent.fault === fault).reduce((sum, { count }) => sum + count, 0);
  const counts = {
    lost: inFault("lost"),
    duplicated: inFault("duplicated"),
    unexpected: inFault("unexpected"),
  };
  if (counts.lost + counts.duplicated + counts.unexpected === 0) return [];
  return [told(idsOfFault(name, ids.request, counts), { check: name, request: ids.request, ...counts })];
}
