/** The numbers of one phase in the report. */

import type { RequestSeries } from "../../measure/record.js";
import { goodPerS } from "../../slo/observations.js";
import type { DegradedAnswers, TimeToFailurePart } from "../document/phase-part.js";
import type { PhaseReport } from "../document/report.js";
import { sum } from "../statistics/intervals.js";
import { type PhaseView, summaryOf } from "./phase-view.js";
import { signalReports } from "./signal-reports.js";
import { traceParts } from "./trace-parts.js";
import type { Distrust } from "./validity.js";

const NO_LATENCY = { p50: null, p90: null, p95: null, p99: null, p999: null, max: null } as const;

/** @param traceLink template of the address at which a trace is shown. null: not known. */
export function phaseReport(
  view: PhaseView,
  invalid: Distrust | null,
  traceLink: string | null,
): PhaseReport {
  const { record } = view;
  return {
    id: record.id,
    name: phaseName(record),
    kind: record.kind,
    fault: record.fault,
    startS: record.startS,
    durationS: record.durationS,
    late: { p99Ms: view.lagP99Ms() },
    ...numbers(view, null),
    perRequest: record.requests.map((series) => ofName(view, series)),
    ...timedPart(view),
    reasons: record.reasons,
    ...(record.samples ? { samples: record.samples } : {}),
    ...traceParts(record, traceLink),
    ...signalReports(record),
    machine: record.machine,
    invalid: invalid?.reason ?? null,
    ...(invalid === null ? {} : { because: invalid.because }),
  };
}

function ofName(view: PhaseView, { request, reasons }: RequestSeries) {
  return { name: request ?? "all", ...numbers(view, request), ...(reasons ? { reasons } : {}) };
}

function phaseName({ kind, fault }: { kind: PhaseReport["kind"]; fault: string | null }): string {
  if (fault === null) return kind;
  return kind === "recovery" ? `recovery from ${fault}` : fault;
}

function degradedPart(view: PhaseView, request: string | null): { readonly degraded?: DegradedAnswers } {
  const told = view.degraded(request);
  const latencies = view.degradedLatencies(request);
  if (!told || !latencies) return {};
  const [answers, due] = [sum(told.bad), sum(told.due)];
  return { degraded: { answers, share: due > 0 ? answers / due : null, latencyMs: latencies.summary() } };
}

/** Journeys and waits, with the same numbers as requests. */
function timedPart(view: PhaseView): Pick<PhaseReport, "timed"> {
  const { timed } = view.record;
  if (!timed) return {};
  return { timed: timed.map((series) => ofName(view, series)) };
}

function redirectsPart(view: PhaseView, request: string | null): { readonly redirects?: number } {
  const followed = view.series(request)?.redirects;
  return followed ? { redirects: sum(followed) } : {};
}

function failedPart(view: PhaseView, request: string | null): { readonly timeToFailure?: TimeToFailurePart } {
  const failed = view.failed();
  const requests = failed?.counts(request).scheduled ?? 0;
  if (!failed || requests === 0) return {};
  const byOutcome = failed.byOutcome(request).map(([outcome, times]) => {
    const { count } = times;
    const ms = (q: number) => times.atRankUs(Math.ceil(q * count - 1e-9 * count)) / 1000;
    return [outcome, { requests: count, p50: ms(0.5), p99: ms(0.99), max: ms(1) }] as const;
  });
  const ms = summaryOf((q) => failed.quantile(request, q));
  return { timeToFailure: { requests, ms, byOutcome: Object.fromEntries(byOutcome) } };
}

function numbers(view: PhaseView, request: string | null) {
  const requests = view.counts(request);
  return {
    requests,
    latencyMs: view.latencies(request)?.summary() ?? NO_LATENCY,
    availability: requests.scheduled > 0 ? requests.ok / requests.scheduled : null,
    throughputPerS: goodPerS(view, request),
    ...degradedPart(view, request),
    ...redirectsPart(view, request),
    ...failedPart(view, request),
  };
}
