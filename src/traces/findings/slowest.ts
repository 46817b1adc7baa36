/** Where the time of the slowest request went. */

import { type Told, told } from "../../analysis/findings/finding.js";
import { formatMs } from "../../support/format.js";
import { spanTitle, type TracedSpan } from "../span.js";
import type { Trace } from "../trace.js";

/** Parts that are named. The others are not worth a word. */
const MOST_PARTS = 4;
const LEAST_SHARE = 0.01;
/** A path that is longer is not followed to its end. */
const MOST_SPANS = 2_000;

interface Part {
  readonly title: string;
  readonly ms: number;
}

/** @returns null without a trace. */
export function slowestTrace(traces: readonly Trace[]): Told | null {
  const lengthMs = ({ root }: Trace) => root.endMs - root.startMs;
  const [slowest] = [...traces].sort((a, b) => lengthMs(b) - lengthMs(a));
  if (!slowest) return null;
  const parts = criticalPath(slowest);
  const longest = [...parts]
    .sort((a, b) => b.ms - a.ms)
    .slice(0, MOST_PARTS)
    .filter(({ ms }, at) => at === 0 || ms >= LEAST_SHARE * lengthMs(slowest));
  const shown = parts.filter((part) => longest.includes(part));
  return told(
    `The slowest traced request took ${formatMs(lengthMs(slowest))} (trace ${slowest.id}): ${shown.map(({ title, ms }) => `${formatMs(ms)} in ${title}`).join(", ")}.`,
    {
      traceId: slowest.id,
      tookMs: Math.round(lengthMs(slowest)),
      criticalPath: shown.map(({ title, ms }) => ({ span: title, ms: Math.round(ms * 1000) / 1000 })),
    },
  );
}

/**
 * What the end of the root waited for, from the first to the last: at each moment the child that ended last, and the span itself
 * where none was at work. A span that is met several times has one part.
 */
export function criticalPath(trace: Trace): readonly Part[] {
  const spent = new Map<string, number>();
  // Spans that name one another as parent would never end.
  const seen = new Set<TracedSpan>();
  const walk = (span: TracedSpan, fromMs: number, untilMs: number) => {
    seen.add(span);
    let atMs = Math.min(span.endMs, untilMs);
    const title = spanTitle(span);
    spent.set(title, spent.get(title) ?? 0);
    const add = (ms: number) => spent.set(title, (spent.get(title) ?? 0) + ms);
    const children = trace
      .childrenOf(span)
      .filter((child) => child.kind !== "message" && !seen.has(child))
      .sort((a, b) => b.endMs - a.endMs);
    for (const child of children) {
      // The clock of another machine may be a little behind.
      const [beganMs, endMs] = [Math.max(child.startMs, fromMs), Math.min(child.endMs, atMs)];
      // It has no part in what is still to be explained.
      if (endMs <= beganMs || seen.size >= MOST_SPANS) continue;
      add(atMs - endMs);
      walk(child, beganMs, endMs);
      atMs = beganMs;
    }
    add(Math.max(0, atMs - fromMs));
  };
  walk(trace.root, trace.root.startMs, trace.root.endMs);
  return [...spent].map(([title, ms]) => ({ title, ms }));
}
