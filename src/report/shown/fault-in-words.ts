/** What every report for people says of one fault. */

import type { FaultReport, Report } from "../../analysis/document/report.js";
import { countOf } from "../../support/count-of.js";
import { formatBytes, formatCount, formatSeconds, formatTiming } from "../../support/format.js";

/** "observed (all 12 connections, 48.2 kB)": how it was proven, and what it acted on as far as that is known. */
export function describeProof(fault: FaultReport): string {
  const { injection, injectedAtS } = fault;
  if (injectedAtS === null) return describeStrength(fault);
  const { bytes } = injection;
  const traffic = [
    connectionsOf(injection),
    // Through a proxy that is down nothing can go.
    bytes === null || (bytes === 0 && injection.proven) ? "" : formatBytes(bytes),
  ].filter(Boolean);
  const strength = describeStrength(fault);
  return traffic.length > 0 ? `${strength} (${traffic.join(", ")})` : strength;
}

/** The same where there is little room: "observed", "observed (on 2 of 5)". */
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

/** "all 12 connections", "on 2 of 5 connections", "5 connections" where it is not known on which it acted. */
function connectionsOf({ acted, connections }: FaultReport["injection"]): string {
  if (!acted) return connections === null ? "" : countOf(connections, "connection");
  const all = countOf(acted.of, "connection");
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

/** Why it was not run; without the details where the baseline is the story, as the headline has them. */
export function describeNotRun({ reason, briefly }: FaultReport, { baseline }: Report): string {
  return baseline.verdict === "pass" ? reason : (briefly ?? reason);
}

/** Findings that the fault's reason does not say already, to stand beside it. */
export function findingsBesideReason({
  findings,
  findingIds = [],
  inReason = [],
}: FaultReport): readonly string[] {
  return findings.filter((_, index) => {
    const id = findingIds[index];
    return id === undefined || !inReason.includes(id);
  });
}

/** Findings of a fault where its reason is shown only if it could not be judged, or (`headlines`) in the run's own. */
export function newFindings(fault: FaultReport, headlines: Report["reasonFaults"] = []): readonly string[] {
  const isShown = (fault.verdict !== "pass" && fault.verdict !== "fail") || headlines.includes(fault.name);
  return isShown ? findingsBesideReason(fault) : fault.findings;
}
