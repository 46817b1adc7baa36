/** The numbers of one phase in the report. */

import { goodPerS } from "../../slo/observations.js";
import type { DegradedAnswers } from "../document/phase-part.js";
import type { PhaseReport } from "../document/report.js";
import { sum } from "../statistics/intervals.js";
import type { PhaseView } from "./phase-view.js";

const NO_LATENCY = { p50: null, p90: null, p95: null, p99: null, p999: null, max: null } as const;

export function phaseReport(view: PhaseView, invalid: string | null): PhaseReport {
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
    perRequest: record.requests.map(({ request, reasons }) => ({
      name: request ?? "all",
      ...numbers(view, request),
      ...(reasons ? { reasons } : {}),
    })),
    reasons: record.reasons,
    ...(record.samples ? { samples: record.samples } : {}),
    machine: record.machine,
    invalid,
  };
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

function numbers(view: PhaseView, request: string | null) {
  const requests = view.counts(request);
  return {
    requests,
    latencyMs: view.latencies(request)?.summary() ?? NO_LATENCY,
    availability: requests.scheduled > 0 ? requests.ok / requests.scheduled : null,
    throughputPerS: goodPerS(view, request),
    ...degradedPart(view, request),
  };
}
