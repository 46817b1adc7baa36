import type { TracedRequest } from "../../measure/tracing/traced-request.js";
import type { ToldTrace } from "../told.js";
import { attributes, nanosOf, type OtlpSpan } from "./otlp-json.js";
import type { RunTrace } from "./run-trace.js";

/** SPAN_KIND_INTERNAL, SPAN_KIND_CLIENT */
const INTERNAL = 1;
const CLIENT = 3;
const STATUS_ERROR = 2;

/** The root of a request's own trace: services' spans are its children. It links to its phase in the run's trace. */
export function requestSpan({ phase, dueAtMs, ...request }: ToldTrace, run: RunTrace): OtlpSpan {
  return {
    traceId: request.traceId,
    spanId: requestSpanId(request.traceId),
    kind: CLIENT,
    ...sameOfBoth(request, dueAtMs),
    attributes: attributes({
      ...toldOf(request),
      "faultline.phase": phase?.kind ?? null,
      "faultline.id": phase?.id ?? null,
      "faultline.fault": phase?.fault ?? null,
      "faultline.trial": phase?.trial ?? null,
    }),
    ...(phase === null ? {} : { links: [{ traceId: run.traceId, spanId: run.phaseSpanId(phase.id) }] }),
  };
}

/** The same request in the run's trace, below its phase. It links to the request's own trace. */
export function requestInRun(
  request: TracedRequest,
  dueAtMs: number,
  phase: Pick<OtlpSpan, "traceId" | "spanId">,
  run: RunTrace,
): OtlpSpan {
  return {
    traceId: phase.traceId,
    spanId: run.spanId(`request ${request.traceId}`),
    parentSpanId: phase.spanId,
    kind: INTERNAL,
    ...sameOfBoth(request, dueAtMs),
    attributes: attributes(toldOf(request)),
    links: [{ traceId: request.traceId, spanId: requestSpanId(request.traceId) }],
  };
}

/** The id that the request's `traceparent` had. */
export function requestSpanId(traceId: string): string {
  return traceId.slice(16);
}

function sameOfBoth({ request, reason, ms }: TracedRequest, dueAtMs: number) {
  return {
    name: request,
    startTimeUnixNano: nanosOf(dueAtMs),
    endTimeUnixNano: nanosOf(dueAtMs + ms),
    status: reason === null ? {} : { code: STATUS_ERROR, message: reason },
  };
}

function toldOf({ outcome, status }: TracedRequest): Parameters<typeof attributes>[0] {
  return {
    "http.response.status_code": status === null ? null : BigInt(status),
    "error.type": outcome === "ok" ? null : outcome,
  };
}
