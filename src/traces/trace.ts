import type { TracedSpan } from "./span.js";

/** All spans of one request, as far as the file has them. */
export interface Trace {
  readonly id: string;
  /** In order of their begin. The first one is the root, or what is left of the trace. */
  readonly spans: readonly TracedSpan[];
  readonly root: TracedSpan;
  childrenOf(span: TracedSpan): readonly TracedSpan[];
  /** null: a root, or a span whose parent the file does not have. */
  parentOf(span: TracedSpan): TracedSpan | null;
  /** Time in which none of the span's children was at work. */
  ownMs(span: TracedSpan): number;
}

export function tracesOf(spans: readonly TracedSpan[]): readonly Trace[] {
  const byId = new Map<string, TracedSpan[]>();
  for (const span of spans) {
    const of = byId.get(span.traceId);
    if (of) of.push(span);
    else byId.set(span.traceId, [span]);
  }
  return [...byId].map(([id, of]) => traceOf(id, of));
}

function traceOf(id: string, unordered: readonly TracedSpan[]): Trace {
  // What stands in several files, or several times in one, was one span.
  const unique = new Map(unordered.map((span) => [span.spanId, span])).values();
  const spans = [...unique].sort((a, b) => a.startMs - b.startMs || b.endMs - a.endMs);
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const parentOf = (span: TracedSpan) =>
    span.parentId === null || span.parentId === span.spanId ? null : (byId.get(span.parentId) ?? null);
  const children = new Map<TracedSpan, TracedSpan[]>();
  for (const span of spans) {
    const parent = parentOf(span);
    if (!parent) continue;
    const of = children.get(parent);
    if (of) of.push(span);
    else children.set(parent, [span]);
  }
  const childrenOf = (span: TracedSpan) => children.get(span) ?? [];
  const [first] = spans;
  if (!first) throw new Error("a trace has a span");
  const root = spans.find((span) => parentOf(span) === null) ?? first;
  return { id, spans, root, childrenOf, parentOf, ownMs: (span) => ownTime(span, childrenOf(span)) };
}

/** Children that overlap count once, and only while their parent is at work. They come in order of their begin. */
function ownTime({ startMs, endMs }: TracedSpan, children: readonly TracedSpan[]): number {
  let [covered, until] = [0, startMs];
  for (const child of children) {
    // A message is not waited for.
    if (child.kind === "message") continue;
    const [from, to] = [Math.max(child.startMs, until), Math.min(child.endMs, endMs)];
    if (to <= from) continue;
    covered += to - from;
    until = to;
  }
  return Math.max(0, endMs - startMs - covered);
}
