/** What every report for people says of requests whose traces are known. */

import type { FaultReport, PhaseReport, Report, TracePart } from "../../analysis/document/report.js";
import { formatClock, formatMs } from "../../support/format.js";

export interface TraceRow {
  readonly phase: string;
  /** When it was due, on the run's clock. */
  readonly at: string;
  readonly request: string;
  /** "status 503 after 12 ms", "ok after 812 ms" */
  readonly what: string;
  readonly traceId: string;
  /** null: nobody knows where it is shown. */
  readonly link: string | null;
}

/** Of all phases, failures before slow ones. */
export function traceRows({ phases }: Report): readonly TraceRow[] {
  return phases.flatMap((phase) => (phase.traces ?? []).map((trace) => traceRow(phase, trace)));
}

/** For little room: the first that failed under the fault, and the slowest that did not. */
export function tellingTraceRows({ phases }: Report, { name, verdict }: FaultReport): readonly TraceRow[] {
  if (verdict === "pass" || verdict === "not_run") return [];
  const phase = phases.find(({ kind, fault }) => kind === "fault" && fault === name);
  const traces = phase?.traces ?? [];
  const telling = [
    traces.find(({ outcome }) => outcome !== "ok"),
    traces.find(({ outcome }) => outcome === "ok"),
  ];
  return telling.flatMap((trace) => (phase && trace ? [traceRow(phase, trace)] : []));
}

/** In one line. */
export function traceText({ at, request, what }: TraceRow): string {
  return `${request} at ${at}: ${what}`;
}

function traceRow(
  { name, startS }: PhaseReport,
  { request, dueS, ms, reason, traceId, link }: TracePart,
): TraceRow {
  return {
    phase: name,
    at: formatClock(startS + dueS),
    request,
    what: `${reason ?? "ok"} after ${formatMs(ms)}`,
    traceId,
    link,
  };
}
