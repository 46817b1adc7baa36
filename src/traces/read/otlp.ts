import { z } from "zod";
import type { TracedSpan } from "../span.js";

/** OpenTelemetry's JSON encoding: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */

const attribute = z.looseObject({
  key: z.string(),
  value: z.looseObject({ stringValue: z.string().optional() }).optional(),
});
const nanoseconds = z.union([z.string().regex(/^\d+$/), z.number()]).transform(Number);
const span = z.looseObject({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string().default(""),
  kind: z.union([z.number(), z.string()]).optional(),
  startTimeUnixNano: nanoseconds,
  endTimeUnixNano: nanoseconds,
  status: z.looseObject({ code: z.union([z.number(), z.string()]).optional() }).optional(),
});
const scopeSpans = z.looseObject({ spans: z.array(span).default([]) });
const resourceSpans = z.looseObject({
  resource: z.looseObject({ attributes: z.array(attribute).default([]) }).optional(),
  scopeSpans: z.array(scopeSpans).default([]),
  /** Before OTLP 1.0. */
  instrumentationLibrarySpans: z.array(scopeSpans).default([]),
});
const request = z.looseObject({ resourceSpans: z.array(resourceSpans) });

const KINDS: Readonly<Record<string, TracedSpan["kind"]>> = {
  2: "server",
  SPAN_KIND_SERVER: "server",
  3: "client",
  SPAN_KIND_CLIENT: "client",
  4: "message",
  SPAN_KIND_PRODUCER: "message",
  5: "message",
  SPAN_KIND_CONSUMER: "message",
};

/** @returns null when it is no such document. */
export function spansOfOtlp(document: unknown): readonly TracedSpan[] | null {
  const read = request.safeParse(document);
  if (!read.success) return null;
  return read.data.resourceSpans.flatMap(({ resource, scopeSpans, instrumentationLibrarySpans }) => {
    const named = resource?.attributes.find(({ key }) => key === "service.name");
    const service = named?.value?.stringValue ?? "unknown service";
    return [...scopeSpans, ...instrumentationLibrarySpans].flatMap(({ spans }) =>
      spans.map((each): TracedSpan => {
        const code = each.status?.code;
        return {
          traceId: each.traceId,
          spanId: each.spanId,
          parentId: each.parentSpanId || null,
          service,
          name: each.name,
          kind: KINDS[String(each.kind)] ?? "internal",
          isError: code === 2 || code === "STATUS_CODE_ERROR",
          startMs: each.startTimeUnixNano / 1e6,
          endMs: each.endTimeUnixNano / 1e6,
        };
      }),
    );
  });
}
