/** What every report for people says of a whole run. */

import type { Report } from "../../analysis/document/report.js";
import { answerSampleSentence, mostFrequentSample } from "../../analysis/findings/answer-sample.js";
import { telemetrySentence } from "../../analysis/wording/telemetry-sentences.js";
import { loadText } from "../../analysis/wording/wording.js";
import { lostWorkerLines } from "../../analysis/wording/worker-sentences.js";
import type { RecordedLoad } from "../../measure/record.js";
import { countOf } from "../../support/count-of.js";
import { formatCount, formatSeconds } from "../../support/format.js";
import { redirectsOfRun } from "./redirects.js";

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

/** A run without any fault, judged over its baseline. It says nothing of resilience. */
export function isLoadTest({ faults }: Report): boolean {
  return faults.length === 0;
}

/** Where, when and how hard: the line under the verdict. */
export function runFacts(report: Report): string[] {
  const { toxiproxy } = report.environment;
  return [
    formatSeconds(report.durationS),
    `${formatCount(scheduledRequests(report))} requests${betweenPhases(report)}${followed(report)}`,
    describeLoad(report.load),
    ...(report.workers ? [countOf(report.workers.length, "worker")] : []),
    ...(report.evidence === "observed" ? ["evidence: observed"] : []),
    isLoadTest(report)
      ? "no fault injected"
      : toxiproxy.kind === "embedded"
        ? "embedded Toxiproxy"
        : `Toxiproxy ${toxiproxy.version}`,
    `seed ${report.seed}`,
  ];
}

/** Requests between phases are in no phase. Without them the phases would not add up to what a server counts. */
function betweenPhases({ unjudged }: Report): string {
  if (!unjudged || unjudged.scheduled === 0) return "";
  const { ok, ...failures } = unjudged.outcomes;
  const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
  return ` and ${formatCount(unjudged.scheduled)} between phases${failed > 0 ? ` (${formatCount(failed)} failed)` : ""}`;
}

/** "": the load follows no redirects, and answers no challenges. */
function followed(report: Report): string {
  const redirects = redirectsOfRun(report);
  if (redirects === null) return "";
  if (!report.load.answersChallenges) return `, ${countOf(redirects, "redirect")} followed`;
  return `, ${formatCount(redirects)} more for redirects and challenges`;
}

/** What must stand beside a verdict by other SLOs than the run's own. @returns null for the run's own. */
export function describeOtherSlos({ otherSlos }: Report): string | null {
  return otherSlos === undefined ? null : `Judged by other SLOs than the run's own: ${otherSlos.join(" · ")}`;
}

/** From this share of a phase's requests on, what became of them is told as a reason for "> timeout". */
const TELLING_SHARE = 0.01;

/**
 * The explanation that "> timeout" needs. What was never sent, as the share of a lost worker, is no timeout.
 * @returns null when no quantile reads so. The greatest latency does so after any failure.
 */
export function beyondTimeoutNote({ phases }: Report): string | null {
  const beyond = phases.filter(({ latencyMs }) => latencyMs.max === "inf").map(({ requests }) => requests);
  if (beyond.length === 0) return null;
  const isTelling = (count: number, { scheduled }: (typeof beyond)[number]) =>
    count > TELLING_SHARE * scheduled;
  const isUnsent = beyond.some((requests) => isTelling(requests.unsent, requests));
  const isFailed = beyond.some((requests) =>
    isTelling(requests.scheduled - requests.ok - requests.unsent, requests),
  );
  if (isUnsent && isFailed)
    return "> timeout: too many requests failed or were not sent; both count as longer than anything.";
  if (isUnsent) return "> timeout: too many requests were not sent; those count as longer than anything.";
  return "> timeout: too many requests failed; failures count as longer than anything.";
}

/** How a bad answer of the baseline began. (For a fault, a finding says it.) @returns null when there is no example. */
export function baselineSample({ phases }: Report): string | null {
  const baseline = phases.find(({ kind }) => kind === "baseline");
  const most = baseline ? mostFrequentSample(baseline) : null;
  return most === null ? null : answerSampleSentence(most);
}

/** Workers that were lost while the run went on, a line for each. */
export function lostWorkers({ workers = [] }: Report): readonly string[] {
  return lostWorkerLines(workers);
}

/** What receivers of telemetry did not take, a line for each. Nothing is said of those that took all. */
export function droppedTelemetry({ telemetry = [] }: Report): readonly string[] {
  return telemetry
    .filter(({ dropped }) => dropped > 0)
    .map((each) => `Telemetry by ${telemetrySentence(each)}`);
}
