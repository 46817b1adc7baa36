/** What checks have to say of one fault, before all other findings. */

import { brokenKinds, type LimitedKind } from "../../measure/checks/broken-ids.js";
import type { CheckReport, FaultReport, Reason } from "../document/report.js";
import { type Told, told } from "../findings/finding.js";
import type { PhaseView } from "../measurement/phase-view.js";
import { because, reason, reasonText } from "../reasons/reasons.js";
import { slowerCompletionFinding } from "./slower-completion.js";

/**
 * A fault in which something was lost has failed, although its SLOs held. One that stands between the sending and the
 * loss may have lost it: it does not pass. One that was not proven stays invalid.
 * @param order names of the faults that were run, in their order.
 */
export function withCheckFindings(
  fault: FaultReport,
  checks: readonly CheckReport[],
  { baseline, during }: FaultViews,
  order: readonly string[],
): FaultReport {
  const slower = checks.flatMap((check): CheckFinding[] => {
    const found = slowerCompletionFinding(check, baseline, during);
    return found === null ? [] : [{ ...found, id: "completion", brokenBy: null, openBy: null }];
  });
  const findings = [...checks.flatMap((check) => findingsOf(fault.name, check, order)), ...slower];
  if (findings.length === 0) return fault;
  const [broken] = findings.flatMap(({ brokenBy }) => brokenBy ?? []);
  const [open] = findings.flatMap(({ openBy }) => openBy ?? []);
  const failsBy = fault.verdict === "pass" || fault.verdict === "inconclusive" ? broken : undefined;
  return {
    ...fault,
    ...(failsBy && { verdict: "fail", ...because(failsBy), inReason: ["check"] }),
    ...(failsBy === undefined &&
      open !== undefined &&
      fault.verdict === "pass" && { verdict: "inconclusive", ...because(open), inReason: ["check"] }),
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
  /** The check does not hold, and it may be because of this fault. */
  readonly openBy: Reason | null;
}

function findingsOf(fault: string, check: CheckReport, order: readonly string[]): CheckFinding[] {
  const { name, ids, verdict } = check;
  if (verdict !== "fail") return [];
  const inPhases = check.asked
    .filter((asks) => asks.fault === fault && asks.broken > 0)
    .map((asks): CheckFinding => {
      const { when, asked, broken, firstBroken } = asks;
      const facts = { check: name, when, asked, broken };
      const why = reason("check_broken_in_fault", { check: name, when, what: firstBroken?.reason ?? null });
      return { ...told(reasonText([why]), facts), id: "check", brokenBy: why, openBy: null };
    });
  if (ids === undefined) return inPhases;
  const isLast = order.at(-1) === fault;
  // What was sent after this fault and lost may be lost by the next one.
  const isOfFault = (kind: LimitedKind, sent: Sent) =>
    sent.fault === fault && (kind !== "lost" || sent.when !== "recovery" || isLast);
  const inFault = (kind: LimitedKind) =>
    ids[kind].sent.filter((sent) => isOfFault(kind, sent)).reduce((sum, { count }) => sum + count, 0);
  const counts = {
    lost: inFault("lost"),
    duplicated: inFault("duplicated"),
    unexpected: inFault("unexpected"),
  };
  const between = lostAround(fault, check, order);
  if (counts.lost + counts.duplicated + counts.unexpected === 0) return [...between, ...inPhases];
  const isBroken = brokenKinds(ids).some((kind) => counts[kind] > 0);
  const facts = { check: name, request: ids.request, ...counts };
  const why = reason("ids_of_fault", facts);
  return [
    { ...told(reasonText([why]), facts), id: "check", brokenBy: isBroken ? why : null, openBy: null },
    ...between,
    ...inPhases,
  ];
}

type Sent = NonNullable<CheckReport["ids"]>["lost"]["sent"][number];

/** Lost ids that were sent before this fault, or after it and before the next one. When they were lost is not known. */
function lostAround(fault: string, { name, ids }: CheckReport, order: readonly string[]): CheckFinding[] {
  const at = order.indexOf(fault);
  if (ids === undefined || at < 0 || !brokenKinds(ids).includes("lost")) return [];
  const atOf = (sent: Sent) => (sent.fault === null ? -1 : order.indexOf(sent.fault));
  const sum = (sent: readonly Sent[]) => sent.reduce((all, { count }) => all + count, 0);
  const known = ids.lost.sent.filter(({ when }) => when !== null);
  const before = sum(known.filter((sent) => atOf(sent) < at));
  const after =
    order.at(-1) === fault ? 0 : sum(known.filter((sent) => atOf(sent) === at && sent.when === "recovery"));
  if (before + after === 0) return [];
  const facts = { check: name, request: ids.request, before, after };
  const why = reason("ids_lost_around", facts);
  return [{ ...told(reasonText([why]), facts), id: "check", brokenBy: null, openBy: why }];
}
