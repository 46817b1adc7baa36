import type { FaultReport, Latency, PhaseReport, Report } from "../../analysis/document/report.js";
import type { RunVerdict, Verdict } from "../../analysis/document/verdict.js";
import { attributes, nanosOf, type OtlpSpan } from "./otlp-json.js";
import { requestInRun } from "./request-spans.js";
import type { RunTrace } from "./run-trace.js";

/** SPAN_KIND_INTERNAL */
const INTERNAL = 1;
const STATUS_OK = 1;
const STATUS_ERROR = 2;

/**
 * A run as one trace: the run itself, its phases, and each fault from injection to removal, so that a trace view shows the
 * fault above what went on under it. Requests whose traces are known lie below their phases.
 * @param loadStartMs Unix time: the zero of all times in the report.
 */
export function runSpans(report: Report, loadStartMs: number, trace: RunTrace): readonly OtlpSpan[] {
  const startMs = Date.parse(report.startedAt);
  const endMs = startMs + report.durationS * 1000;
  const at = (seconds: number) => Math.min(endMs, loadStartMs + seconds * 1000);
  const span = (
    name: string,
    id: string,
    parent: OtlpSpan | null,
    [fromMs, untilMs]: readonly [number, number],
    rest: Pick<OtlpSpan, "attributes" | "status"> & Partial<Pick<OtlpSpan, "events">>,
  ): OtlpSpan => ({
    traceId: trace.traceId,
    spanId: id,
    ...(parent === null ? {} : { parentSpanId: parent.spanId }),
    name,
    kind: INTERNAL,
    startTimeUnixNano: nanosOf(fromMs),
    endTimeUnixNano: nanosOf(untilMs),
    ...rest,
  });

  const run = span("run", trace.spanId("run"), null, [startMs, endMs], {
    attributes: attributes({
      "faultline.scenario": report.scenario.name,
      "faultline.verdict": report.verdict,
      "faultline.score": report.score?.value ?? null,
    }),
    events: report.events.map(({ atS, kind, text }) => ({
      timeUnixNano: nanosOf(atS < 0 ? Math.max(startMs, at(atS)) : at(atS)),
      name: kind,
      attributes: attributes({ "faultline.text": text }),
    })),
    status: statusOf(report.verdict, report.reason),
  });
  const faults = new Map(
    report.faults.flatMap((fault) => {
      const { injectedAtS, removedAtS, name } = fault;
      if (injectedAtS === null) return [];
      const times = [at(injectedAtS), removedAtS === null ? endMs : at(removedAtS)] as const;
      const id = trace.spanId(`fault ${name}`);
      return [[name, span("injected fault", id, run, times, ofFault(fault))] as const];
    }),
  );
  const phases = report.phases.flatMap((phase) => {
    const { id, kind, fault, startS, durationS, traces = [] } = phase;
    const above = kind === "fault" && fault !== null ? faults.get(fault) : undefined;
    const times = [at(startS), at(startS + durationS)] as const;
    const ofThis = span(kind, trace.phaseSpanId(id), above ?? run, times, ofPhase(phase));
    const below = traces.map((request) => requestInRun(request, at(startS + request.dueS), ofThis, trace));
    return [ofThis, ...below];
  });
  return [run, ...faults.values(), ...phases];
}

function ofFault(fault: FaultReport): Pick<OtlpSpan, "attributes" | "status"> {
  return {
    attributes: attributes({
      "faultline.fault": fault.name,
      "faultline.fault.description": fault.injection.description,
      "faultline.verdict": fault.verdict,
      "faultline.recovery.seconds": fault.recovery.seconds,
    }),
    status: statusOf(fault.verdict, fault.reason),
  };
}

function ofPhase({
  id,
  kind,
  fault,
  requests,
  latencyMs,
}: PhaseReport): Pick<OtlpSpan, "attributes" | "status"> {
  const { p50, p99 } = latencyMs;
  return {
    attributes: attributes({
      "faultline.phase": kind,
      "faultline.id": id,
      "faultline.fault": fault,
      "faultline.requests.scheduled": BigInt(requests.scheduled),
      "faultline.requests.ok": BigInt(requests.ok),
      "faultline.request.duration.p50": timeOf(p50),
      "faultline.request.duration.p99": timeOf(p99),
    }),
    status: {},
  };
}

/** In seconds. Failures are longer than any time. */
function timeOf(ms: Latency): number | null {
  return typeof ms === "number" ? ms / 1000 : null;
}

function statusOf(verdict: Verdict | RunVerdict, reason: string): OtlpSpan["status"] {
  if (verdict === "pass") return { code: STATUS_OK };
  return verdict === "fail" ? { code: STATUS_ERROR, message: reason } : {};
}
