/** The parts of the report that every fault has, whether it was run or not: what it did, when, and the proof of it. */

import { describeFault } from "../../faults/describe.js";
import type { FaultRecord, RunRecord } from "../../measure/record.js";
import type { Slo } from "../../slo/slo.js";
import type { FaultReport, Finding, Reason, Timing } from "../document/report.js";
import type { PhaseView } from "../measurement/phase-view.js";
import { explained, reason } from "../reasons/reasons.js";
import type { JudgingContext } from "../slo/judging-context.js";
import { whyUntrusted } from "./doubts.js";

export interface FaultInRun {
  readonly record: RunRecord;
  readonly fault: FaultRecord;
  /** With targets worked out against the baseline. */
  readonly slos: readonly Slo[];
  readonly baseline: PhaseView | null;
  /** null: the fault was not run. */
  readonly during: PhaseView | null;
  readonly recovery: PhaseView | null;
  readonly context: JudgingContext;
}

export function faultFrame({ fault, record }: FaultInRun) {
  const targets = fault.proof?.targets ?? [];
  const traffics = targets.flatMap(({ traffic }) => traffic ?? []);
  const total = (of: "connections" | "bytes") => {
    const counts = traffics.map((traffic) => traffic.fault?.[of] ?? null).filter((count) => count !== null);
    return counts.length > 0 && counts.length === traffics.length
      ? counts.reduce((all, each) => all + each)
      : null;
  };
  return {
    name: fault.name,
    injection: {
      proven: fault.proof?.proven ?? false,
      ...(fault.proof === null && fault.injectedAtS !== null ? { asked: false } : {}),
      strength: fault.proof?.strength ?? "none",
      ...proofOf(fault, record),
      ...deedsOf(fault),
      toxics: targets.flatMap(({ parts = [] }) => parts),
      acted: fault.proof?.acted,
      connections: total("connections"),
      bytes: total("bytes"),
    },
    injectedAtS: fault.injectedAtS,
    removedAtS: fault.removedAtS,
    ...(fault.letBackAtS === undefined ? {} : { letBackAtS: fault.letBackAtS }),
    ...(fault.around === undefined ? {} : { around: fault.around }),
    slos: [],
    recovery: untimed(reason("fault_not_run", {})),
    detection: untimed(reason("fault_not_run", {})),
    comparison: [],
    errorBudget: null,
    search: fault.search,
  } satisfies Partial<FaultReport>;
}

/** What was seen of it, or why nothing was. */
function proofOf(fault: FaultRecord, record: RunRecord) {
  if (fault.proof !== null) {
    const { explanation, because } = fault.proof;
    return { explanation, ...(because === undefined ? {} : { because }) };
  }
  const why = fault.injectedAtS === null ? reason("not_injected", {}) : whyUntrusted(fault, record);
  return explained(...(why === null ? [] : [why]));
}

/** What a fault did. The record does not say it for a fault that the run never reached. */
function deedsOf({ notRun, actions, stages = [] }: FaultRecord) {
  if (notRun !== null && actions.length === 0) return { description: "" };
  const description = describeFault(actions, stages);
  // The actions of a search are those of its trials.
  if (actions.length === 0 && stages.length === 0) return { description };
  return { description, actions, ...(stages.length === 0 ? {} : { stages }) };
}

export function untimed(why: Reason): Timing {
  return { seconds: null, censored: false, holdS: 0, ...explained(why) };
}

export function findingFields(
  findings: readonly Finding[],
): Pick<FaultReport, "findings" | "findingIds" | "findingFacts"> {
  return {
    findings: findings.map(({ text }) => text),
    findingIds: findings.map(({ id }) => id),
    findingFacts: findings.map(({ facts }) => facts),
  };
}
