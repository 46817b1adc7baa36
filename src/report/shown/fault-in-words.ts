/** What every report for people says of one fault. */

import { TRACE_FINDING_IDS } from "../../analysis/document/fault-part.js";
import type { FaultReport, Report } from "../../analysis/document/report.js";
import { countOf } from "../../support/count-of.js";
import { formatBytes, formatCount, formatSeconds, formatTiming } from "../../support/format.js";

/**
 * "observed (all 12 connections, 48.2 kB)": how the fault was proven, and what it acted on, as far as that is known.
 */
export function describeProof(fault: FaultReport): string {
  const { injection, injectedAtS } = fault;
  if (injectedAtS === null) return describeStrength(fault);
  const { bytes } = injection;
  const traffic = [
    connectionsOf(injection),
    // Nothing can pass a proxy that is down.
    bytes === null || (bytes === 0 && injection.proven) ? "" : formatBytes(bytes),
  ].filter(Boolean);
  const strength = describeStrength(fault);
  return traffic.length > 0 ? `${strength} (${traffic.join(", ")})` : strength;
}

/** The same in little room: "observed", "observed (on 2 of 5)". */
export function describeProofBriefly(fault: FaultReport): string {
  const { acted } = fault.injection;
  if (fault.injectedAtS === null || !acted || acted.connections === acted.of) return describeStrength(fault);
  return `${describeStrength(fault)} (on ${formatCount(acted.connections)} of ${formatCount(acted.of)})`;
}

export function describeStrength({ injectedAtS, injection }: FaultReport): string {
  if (injectedAtS === null) return "not injected";
  if (injection.asked === false) return "in place when the run ended, its proof not asked for";
  return injection.proven ? injection.strength : "not proven";
}

/** "all 12 connections", "on 2 of 5 requests". "5 connections" when it is not known which of them it acted on. */
function connectionsOf({ acted, connections }: FaultReport["injection"]): string {
  if (!acted) return connections === null ? "" : countOf(connections, "connection");
  const all = countOf(acted.of, acted.unit ?? "connection");
  if (acted.connections < acted.of) return `on ${formatCount(acted.connections)} of ${all}`;
  return acted.of === 1 ? all : `all ${all}`;
}

/** "recovered in 1 s (held for the 10 s asked for)" · "recovery not seen: > 12 s". */
export function describeRecovery(fault: FaultReport): string {
  const { recovery } = fault;
  if (recovery.seconds === null) return "recovery not measured";
  if (recovery.censored)
    return recovery.seconds === 0 ? "recovery not seen" : `recovery not seen: ${formatTiming(recovery)}`;
  const held = recovery.holdS > 0 ? ` (held for the ${formatSeconds(recovery.holdS)} asked for)` : "";
  return recovery.seconds === 0
    ? `recovered at once${held}`
    : `recovered in ${formatTiming(recovery)}${held}`;
}

/** Why the fault was not run. Where the baseline is the story, it leaves out the details, as the headline has them. */
export function describeNotRun({ reason, briefly }: FaultReport, { baseline }: Report): string {
  return baseline.verdict === "pass" ? reason : (briefly ?? reason);
}

interface ToldFinding {
  /** undefined: an older report does not tell. */
  readonly id: string | undefined;
  readonly text: string;
}

/** Those that the fault's reason does not already say. */
function besideReason({ findings, findingIds = [], inReason = [] }: FaultReport): readonly ToldFinding[] {
  return findings
    .map((text, index) => ({ id: findingIds[index], text }))
    .filter(({ id }) => id === undefined || !inReason.includes(id));
}

/** Findings beside the fault's reason. */
export function findingsBesideReason(fault: FaultReport): readonly string[] {
  return besideReason(fault).map(({ text }) => text);
}

/**
 * Findings of a fault whose reason is shown only when it could not be judged, or (`headlines`) in the run's own reason.
 */
export function newFindings(fault: FaultReport, headlines: Report["reasonFaults"] = []): readonly string[] {
  return untold(fault, headlines).map(({ text }) => text);
}

function untold(fault: FaultReport, headlines: Report["reasonFaults"] = []): readonly ToldFinding[] {
  const isShown = (fault.verdict !== "pass" && fault.verdict !== "fail") || headlines.includes(fault.name);
  return besideReason(isShown ? fault : { ...fault, inReason: [] });
}

/** The same, with what traces told apart. It was asked for, so little room leaves out none of it. */
export function findingsApart(
  fault: FaultReport,
  headlines: Report["reasonFaults"] = [],
): { readonly own: readonly string[]; readonly ofTraces: readonly string[] } {
  const all = untold(fault, headlines);
  const texts = (areOfTraces: boolean) =>
    all.filter(({ id }) => isOfTraces(id) === areOfTraces).map(({ text }) => text);
  return { own: texts(false), ofTraces: texts(true) };
}

function isOfTraces(id: string | undefined): boolean {
  return TRACE_FINDING_IDS.some((each) => each === id);
}
