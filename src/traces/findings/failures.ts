/** Which work failed under a fault, and not because of what it had asked for. */

import { type Told, told } from "../../analysis/findings/finding.js";
import { formatCount, formatRatio } from "../../support/format.js";
import { spanKey, spanTitle, type TracedSpan } from "../span.js";
import type { Trace } from "../trace.js";

const LEAST_FAILED = 10;
const LEAST_MORE_SHARE = 0.05;

interface Failed {
  readonly span: TracedSpan;
  spans: number;
  failed: number;
}

/** @returns null when none failed clearly more often than in the baseline. */
export function failedWork(before: readonly Trace[], under: readonly Trace[]): Told | null {
  const [usual, now] = [failedIn(before), failedIn(under)];
  const shareOf = (work: Failed | undefined) => (work ? work.failed / work.spans : 0);
  const [most] = [...now]
    .filter(([key, work]) => {
      const more = shareOf(work) - shareOf(usual.get(key));
      return work.failed >= LEAST_FAILED && more >= LEAST_MORE_SHARE;
    })
    .sort(([, a], [, b]) => b.failed - a.failed);
  if (!most) return null;
  const [key, { span, spans, failed }] = most;
  const was = shareOf(usual.get(key));
  return told(
    `In traces, ${spanTitle(span)} failed by itself, without failed work below it, in ${formatCount(failed)} of ${formatCount(spans)} ` +
      `(${formatRatio(failed / spans)}; ${was === 0 ? "never" : formatRatio(was)} in the baseline).`,
    { span: spanTitle(span), failed, of: spans, baselineShare: Number(was.toFixed(4)) },
  );
}

function failedIn(traces: readonly Trace[]): Map<string, Failed> {
  const found = new Map<string, Failed>();
  for (const trace of traces) {
    for (const span of trace.spans) {
      const known = found.get(spanKey(span)) ?? { span, spans: 0, failed: 0 };
      known.spans += 1;
      if (span.isError && !trace.childrenOf(span).some(({ isError }) => isError)) known.failed += 1;
      found.set(spanKey(span), known);
    }
  }
  return found;
}
