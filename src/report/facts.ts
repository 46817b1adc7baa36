import type { FaultReport, Report, SloResult } from "../analysis/document/report.js";
import { sampleSentence } from "../analysis/fault/answer-sample.js";
import { loadText } from "../analysis/wording/wording.js";
import type { RecordedLoad } from "../measure/record.js";
import { countOf } from "../support/count-of.js";
import { formatBytes, formatCount, formatSeconds, formatTiming } from "../support/format.js";
import { ToldReasons } from "./told-reasons.js";

/** Requests that were scheduled in the judged and warm-up phases of a run. */
export function scheduledRequests(report: Report): number {
  return report.phases.reduce((sum, phase) => sum + phase.requests.scheduled, 0);
}

/** "200/s, open model" · "5 journeys/s, open model" · "50 connections, closed model" · "100/s → 400/s, open model". */
export function describeLoad(load: RecordedLoad): string {
  const { model } = load;
  const values = [model.profile.startValue, ...model.profile.stages.map((stage) => stage.to)];
  const shown = values.filter((value, index) => value !== values[index - 1]);
  if (model.kind === "open") return `${shown.map((rate) => loadText(load, rate)).join(" → ")}, open model`;
  const last = shown.at(-1) ?? 0;
  return `${shown.map(formatCount).join(" → ")} connection${last === 1 ? "" : "s"}, closed model`;
}

/** A run without any fault, judged over its baseline: it says nothing of resilience. */
export function isLoadTest({ faults }: Report): boolean {
  return faults.length === 0;
}

/** Where, when and how hard: the line under the verdict. */
export function runFacts(report: Report): string[] {
  const { toxiproxy } = report.environment;
  return [
    formatSeconds(report.durationS),
    `${formatCount(scheduledRequests(report))} requests${betweenPhases(report)}`,
    describeLoad(report.load),
    ...(report.evidence === "observed" ? ["evidence: observed"] : []),
    isLoadTest(report)
      ? "no fault injected"
      : toxiproxy.kind === "embedded"
        ? "embedded Toxiproxy"
        : `Toxiproxy ${toxiproxy.version}`,
    `seed ${report.seed}`,
  ];
}

/** They are judged nowhere; without them the phases would not add up to what a server counts. */
function betweenPhases({ unjudged }: Report): string {
  return unjudged && unjudged.scheduled > 0 ? ` and ${formatCount(unjudged.scheduled)} between phases` : "";
}

/** What must stand beside a verdict that is not the run's own; null: it is. */
export function describeOtherSlos({ otherSlos }: Report): string | null {
  return otherSlos === undefined ? null : `Judged by other SLOs than the run's own: ${otherSlos.join(" · ")}`;
}

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

/** What must stand by where "> timeout" is read. */
export const BEYOND_TIMEOUT_NOTE =
  "> timeout: too many requests failed; failures count as longer than anything.";

/** Whether some quantile reads "> timeout", which needs its explanation: the greatest latency does after any failure. */
export function showsBeyondTimeout({ phases }: Report): boolean {
  return phases.some(({ latencyMs }) => latencyMs.max === "inf");
}

/** Why it was not run; without the details where the baseline is the story, as the headline has them. */
export function describeNotRun({ reason, briefly }: FaultReport, { baseline }: Report): string {
  return baseline.verdict === "pass" ? reason : (briefly ?? reason);
}

/** How a bad answer of the baseline began; of a fault a finding says it. null: there is no example. */
export function baselineSample({ phases }: Report): string | null {
  const baseline = phases.find(({ kind }) => kind === "baseline");
  return baseline ? sampleSentence(baseline) : null;
}

/** Why rows are invalid, each shared reason once. @param said the SLO whose reason stands above. */
export function untoldReasons(slos: readonly SloResult[], said: SloResult | undefined): readonly string[] {
  const told = new ToldReasons([said]);
  return slos
    .filter((slo) => slo.verdict === "invalid" && slo !== said)
    .map((slo) => told.news(slo))
    .filter(Boolean);
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
