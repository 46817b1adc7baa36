import { z } from "zod";
import type { TracedSpan } from "../span.js";

/** What Jaeger's page and its /api/traces give: times are microseconds. */

const tag = z.looseObject({ key: z.string(), value: z.unknown() });
const span = z.looseObject({
  traceID: z.string(),
  spanID: z.string(),
  operationName: z.string().default(""),
  references: z.array(z.looseObject({ refType: z.string(), spanID: z.string() })).nullish(),
  /** Older servers write it in place of a reference. */
  parentSpanID: z.string().optional(),
  startTime: z.number(),
  duration: z.number(),
  tags: z.array(tag).nullish(),
  processID: z.string().optional(),
});
const trace = z.looseObject({
  spans: z.array(span),
  processes: z.record(z.string(), z.looseObject({ serviceName: z.string() })).default({}),
});
const document = z.looseObject({ data: z.array(trace) });

const KINDS: Readonly<Record<string, TracedSpan["kind"]>> = {
  server: "server",
  client: "client",
  producer: "message",
  consumer: "message",
};

/** @returns null when it is no such document. */
export function spansOfJaeger(value: unknown): readonly TracedSpan[] | null {
  const read = document.safeParse(value);
  if (!read.success) return null;
  return read.data.data.flatMap(({ spans, processes }) =>
    spans.map((each): TracedSpan => {
      const tags = new Map((each.tags ?? []).map(({ key, value: said }) => [key, said]));
      const parent = (each.references ?? []).find(({ refType }) => refType === "CHILD_OF");
      const follows = (each.references ?? []).find(({ refType }) => refType === "FOLLOWS_FROM");
      const kind = KINDS[String(tags.get("span.kind"))] ?? "internal";
      return {
        traceId: each.traceID,
        spanId: each.spanID,
        parentId: parent?.spanID ?? follows?.spanID ?? (each.parentSpanID || null),
        service: processes[each.processID ?? ""]?.serviceName ?? "unknown service",
        name: each.operationName,
        kind: parent === undefined && follows !== undefined ? "message" : kind,
        isError: tags.get("error") === true || tags.get("otel.status_code") === "ERROR",
        startMs: each.startTime / 1000,
        endMs: (each.startTime + each.duration) / 1000,
      };
    }),
  );
}
