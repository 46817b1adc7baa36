/** Which work took longer under a fault. */

import { type Told, told } from "../../analysis/findings/finding.js";
import { sum } from "../../analysis/statistics/intervals.js";
import { median } from "../../analysis/statistics/median.js";
import { formatCount, formatMs } from "../../support/format.js";
import { spanKey, spanTitle, type TracedSpan } from "../span.js";
import type { Trace } from "../trace.js";

/** Of fewer spans a median says little. */
const LEAST_SPANS = 10;
const LEAST_GROWTH_MS = 5;
const LEAST_FACTOR = 1.5;
/** How many are named. */
const MOST_TOLD = 3;

interface Work {
  readonly span: TracedSpan;
  readonly ownMs: number[];
}

interface Grown {
  readonly title: string;
  readonly waits: boolean;
  readonly before: Median;
  readonly under: Median;
  /** For each trace, what all its spans of this kind took more. */
  readonly perTraceMs: number;
}

interface Median {
  readonly ms: number;
  readonly spans: number;
}

/** @returns null when no work that both have took clearly longer. */
export function grownWork(before: readonly Trace[], under: readonly Trace[]): Told | null {
  const [usual, worse] = [workIn(before), workIn(under)];
  const grown = [...worse].flatMap(([key, { span, ownMs }]): readonly Grown[] => {
    const known = usual.get(key);
    if (!known || known.ownMs.length < LEAST_SPANS || ownMs.length < LEAST_SPANS) return [];
    const [was, is] = [middleOf(known.ownMs), middleOf(ownMs)];
    if (is.ms - was.ms < LEAST_GROWTH_MS || is.ms < LEAST_FACTOR * was.ms) return [];
    const perTraceMs = sum(ownMs) / under.length - sum(known.ownMs) / before.length;
    return [{ title: spanTitle(span), waits: span.kind === "client", before: was, under: is, perTraceMs }];
  });
  const most = grown.sort((a, b) => b.perTraceMs - a.perTraceMs).slice(0, MOST_TOLD);
  const [first, ...others] = most;
  if (!first) return null;
  const also = others.map(
    ({ title, before: was, under: is }) => `${title} (${formatMs(was.ms)} → ${formatMs(is.ms)})`,
  );
  return told(
    `In traces, ${first.title} grew most: its own time went from ${formatMs(first.before.ms)} to ${formatMs(first.under.ms)} ` +
      `(medians of ${formatCount(first.before.spans)} and ${formatCount(first.under.spans)} spans).` +
      (first.waits ? " It is a call, so that is the way to another service and back." : "") +
      (also.length === 0 ? "" : ` So did ${also.join(" and ")}.`),
    {
      spans: most.map(({ title, before: was, under: is }) => ({
        span: title,
        baselineOwnP50Ms: round(was.ms),
        faultOwnP50Ms: round(is.ms),
      })),
    },
  );
}

function workIn(traces: readonly Trace[]): Map<string, Work> {
  const work = new Map<string, Work>();
  for (const trace of traces) {
    for (const span of trace.spans) {
      const key = spanKey(span);
      const known = work.get(key) ?? { span, ownMs: [] };
      known.ownMs.push(trace.ownMs(span));
      work.set(key, known);
    }
  }
  return work;
}

function middleOf(values: readonly number[]): Median {
  return { ms: median(values), spans: values.length };
}

function round(ms: number): number {
  return Math.round(1000 * ms) / 1000;
}
