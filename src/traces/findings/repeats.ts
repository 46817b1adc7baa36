/** Work that is done again under a fault, and work that goes on after its caller has given up. */

import { type Told, told } from "../../analysis/findings/finding.js";
import { median } from "../../analysis/statistics/median.js";
import { formatCount, formatMs, formatRatio } from "../../support/format.js";
import { spanKey, spanTitle, type TracedSpan } from "../span.js";
import type { Trace } from "../trace.js";

const LEAST_CALLERS = 20;
/** Calls more for each caller. */
const LEAST_MORE = 0.3;
const LEAST_FACTOR = 1.2;

interface Calls {
  readonly caller: TracedSpan;
  readonly called: TracedSpan;
  callers: number;
  calls: number;
}

/** The call that is repeated most. @returns null when none is. */
export function repeatedCalls(before: readonly Trace[], under: readonly Trace[]): Told | null {
  const [usual, now] = [callsIn(before), callsIn(under)];
  const repeated = [...now]
    .flatMap(([key, { caller, called, calls, callers }]) => {
      const known = usual.get(key);
      if (!known || known.callers < LEAST_CALLERS || callers < LEAST_CALLERS) return [];
      const [was, is] = [known.calls / known.callers, calls / callers];
      return is - was < LEAST_MORE || is < LEAST_FACTOR * was ? [] : [{ caller, called, was, is, callers }];
    })
    .sort((a, b) => b.is / b.was - a.is / a.was);
  const [most] = repeated;
  if (!most) return null;
  const [was, is] = [most.was, most.is].map((calls) => Number(calls.toFixed(2)));
  return told(
    `In traces, ${spanTitle(most.caller)} did ${spanTitle(most.called)} ${was} → ${is} times each (${formatCount(most.callers)} seen under the fault): it tries again.`,
    {
      caller: spanTitle(most.caller),
      called: spanTitle(most.called),
      baselineCalls: was ?? 0,
      faultCalls: is ?? 0,
    },
  );
}

/** Callers that did it at least once. */
function callsIn(traces: readonly Trace[]): Map<string, Calls> {
  const found = new Map<string, Calls>();
  for (const trace of traces) {
    for (const caller of trace.spans) {
      const ofCaller = new Map<string, { readonly called: TracedSpan; calls: number }>();
      for (const called of trace.childrenOf(caller)) {
        const key = `${spanKey(caller)}\n${spanKey(called)}`;
        const known = ofCaller.get(key);
        if (known) known.calls += 1;
        else ofCaller.set(key, { called, calls: 1 });
      }
      for (const [key, { called, calls }] of ofCaller) {
        const known = found.get(key) ?? { caller, called, callers: 0, calls: 0 };
        known.callers += 1;
        known.calls += calls;
        found.set(key, known);
      }
    }
  }
  return found;
}

/** Clocks of two machines are not the same to the millisecond. */
const OUTLIVES_MS = 5;
const LEAST_GIVEN_UP = 10;
const LEAST_MORE_SHARE = 0.05;

interface Outlived {
  readonly span: TracedSpan;
  spans: number;
  readonly callerMs: number[];
  readonly workMs: number[];
}

/** Work for nobody: it ended after its caller had. @returns null when there is no more of it than in the baseline. */
export function workForNobody(before: readonly Trace[], under: readonly Trace[]): Told | null {
  const [usual, now] = [outlivedIn(before), outlivedIn(under)];
  const found = [...now]
    .flatMap(([key, { span, spans, callerMs, workMs }]) => {
      const known = usual.get(key);
      const share = callerMs.length / spans;
      const was = known ? known.callerMs.length / known.spans : 0;
      const isMore = callerMs.length >= LEAST_GIVEN_UP && share - was >= LEAST_MORE_SHARE;
      return isMore ? [{ span, spans, share, callerMs, workMs }] : [];
    })
    .sort((a, b) => b.callerMs.length - a.callerMs.length);
  const [most] = found;
  if (!most) return null;
  const [gaveUpMs, workMs] = [median(most.callerMs), median(most.workMs)];
  return told(
    `In traces, ${spanTitle(most.span)} went on after its caller had given up, in ${formatCount(most.callerMs.length)} of ${formatCount(most.spans)} (${formatRatio(most.share)}): ` +
      `callers gave up after ${formatMs(gaveUpMs)}, the work took ${formatMs(workMs)} (medians).`,
    {
      span: spanTitle(most.span),
      givenUp: most.callerMs.length,
      of: most.spans,
      callerP50Ms: Math.round(gaveUpMs),
      workP50Ms: Math.round(workMs),
    },
  );
}

function outlivedIn(traces: readonly Trace[]): Map<string, Outlived> {
  const found = new Map<string, Outlived>();
  for (const trace of traces) {
    for (const span of trace.spans) {
      const caller = trace.parentOf(span);
      // A consumer is not waited for.
      if (!caller || span.kind === "message" || caller.kind === "message") continue;
      const key = spanKey(span);
      const known = found.get(key) ?? { span, spans: 0, callerMs: [], workMs: [] };
      known.spans += 1;
      if (span.endMs > caller.endMs + OUTLIVES_MS) {
        known.callerMs.push(caller.endMs - caller.startMs);
        known.workMs.push(span.endMs - span.startMs);
      }
      found.set(key, known);
    }
  }
  return found;
}
