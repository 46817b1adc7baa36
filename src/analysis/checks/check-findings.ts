/** What checks have to say of one fault, before all other findings. */

import { brokenKinds, type LimitedKind } from "../../measure/checks/broken-ids.js";
import type { CheckReport, FaultReport } from "../document/report.js";
import { type Told, told } from "../findings/finding.js";
import { brokenInFault, idsOfFault } from "../wording/check-sentences.js";

/** A fault in which something was lost has failed, although its SLOs held. One that was not proven stays invalid. */
export function withCheckFindings(fault: FaultReport, checks: readonly CheckReport[]): FaultReport {
  const findings = checks.flatMap((check) => findingsOf(fault.name, check));
  if (findings.length === 0) return fault;
  const broken = findings.find(({ isBroken }) => isBroken);
  const failsBy = fault.verdict === "pass" || fault.verdict === "inconclusive" ? broken : undefined;
  return {
    ...fault,
    ...(failsBy && { verdict: "fail", reason: failsBy.text, inReason: ["check"] }),
    findings: [...findings.map(({ text }) => text), ...fault.findings],
    findingIds: [...findings.map(() => "check"), ...(fault.findingIds ?? [])],
    findingFacts: [...findings.map(({ facts }) => facts), ...(fault.findingFacts ?? [])],
  };
}

interface CheckFinding extends Told {
  /** The check does not hold because of it. */
  readonly isBroken: boolean;
}

function findingsOf(fault: string, check: CheckReport): CheckFinding[] {
  const { name, ids, verdict } = check;
  if (verdict !== "fail") return [];
  if (ids === undefined) {
    return check.asked
      .filter((asks) => asks.fault === fault && asks.broken > 0)
      .map((asks) => {
        const { when, asked, broken } = asks;
        return { ...told(brokenInFault(name, asks), { check: name, when, asked, broken }), isBroken: true };
      });
  }
  const inFault = (kind: LimitedKind) =>
    ids[kind].sent.filter((sent) => sent.fault === fault).reduce((sum, { count }) => sum + count, 0);
  const counts = {
    lost: inFault("lost"),
    duplicated: inFault("duplicated"),
    unexpected: inFault("unexpected"),
  };
  if (counts.lost + counts.duplicated + counts.unexpected === 0) return [];
  const isBroken = brokenKinds(ids).some((kind) => counts[kind] > 0);
  const facts = { check: name, request: ids.request, ...counts };
  return [{ ...told(idsOfFault(name, ids.request, counts), facts), isBroken }];
}
