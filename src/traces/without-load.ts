import type { TracedSpan } from "./span.js";

/**
 * The spans of the system alone. A request of the load with a trace id has a span of its own, whose id is the last half of
 * the trace's id. Only those of slow and failed requests are ever sent, so they are compared with nothing; those below them
 * lack no parent.
 */
export function withoutLoad(spans: readonly TracedSpan[]): readonly TracedSpan[] {
  return spans
    .filter(({ traceId, spanId }) => spanId !== spanOfLoad(traceId))
    .map((span) => (span.parentId === spanOfLoad(span.traceId) ? { ...span, parentId: null } : span));
}

/** null: it is no id of 16 bytes. */
function spanOfLoad(traceId: string): string | null {
  return /^[0-9a-f]{32}$/.test(traceId) ? traceId.slice(16) : null;
}
