import type { FaultReport, Finding, FindingId, Report } from "../analysis/document/report.js";
import { type Told, told } from "../analysis/findings/finding.js";
import type { PhaseRecord } from "../measure/record.js";
import { formatCount, formatRatio } from "../support/format.js";
import { failedWork } from "./findings/failures.js";
import { grownWork } from "./findings/growth.js";
import { repeatedCalls, workForNobody } from "./findings/repeats.js";
import { slowestTrace } from "./findings/slowest.js";
import type { TracedSpan } from "./span.js";
import { type Trace, tracesOf } from "./trace.js";
import { withoutLoad } from "./without-load.js";

/**
 * A report whose faults also tell what traces of the same time show.
 * @param phases those of the run's record: they have the time of day.
 */
export function withTraces(
  report: Report,
  phases: readonly PhaseRecord[],
  exported: readonly TracedSpan[],
): Report {
  const spans = withoutLoad(exported);
  const traces = tracesOf(spans);
  const inPhase = (kind: PhaseRecord["kind"], fault: string | null) => {
    const phase = phases.find((each) => each.kind === kind && each.fault === fault);
    return phase ? { phase, traces: traces.filter((trace) => beganIn(trace, phase)) } : null;
  };
  const baseline = inPhase("baseline", null);
  return {
    ...report,
    faults: report.faults.map((fault) => {
      const during = inPhase("fault", fault.name);
      return during ? withFindings(fault, findingsOf(fault, baseline?.traces ?? [], during, spans)) : fault;
    }),
  };
}

/** A trace belongs to the phase in which it began. */
function beganIn({ root }: Trace, { startedAt, durationS }: PhaseRecord): boolean {
  const fromMs = Date.parse(startedAt);
  return root.startMs >= fromMs && root.startMs < fromMs + durationS * 1000;
}

interface InPhase {
  readonly phase: PhaseRecord;
  readonly traces: readonly Trace[];
}

function findingsOf(
  fault: FaultReport,
  before: readonly Trace[],
  { phase, traces: under }: InPhase,
  spans: readonly TracedSpan[],
): readonly Finding[] {
  const finding = (id: FindingId, one: Told | null): readonly Finding[] => (one ? [{ id, ...one }] : []);
  const known = finding("traces", coverage(phase, before, under, spans));
  if (under.length === 0) return known;
  return [
    // Where no request met the fault, what changed is not its doing.
    ...(fault.injection.proven
      ? [
          ...finding("span_grew", grownWork(before, under)),
          ...finding("span_failed", failedWork(before, under)),
          ...finding("span_repeated", repeatedCalls(before, under)),
          ...finding("span_for_nobody", workForNobody(before, under)),
        ]
      : []),
    ...finding("slowest_trace", slowestTrace(under)),
    ...known,
  ];
}

/** What the traces say nothing of. */
function coverage(
  { all, startedAt }: PhaseRecord,
  before: readonly Trace[],
  under: readonly Trace[],
  spans: readonly TracedSpan[],
): Told {
  const scheduled = all.scheduled.reduce((sum, count) => sum + count, 0);
  const orphans = under.reduce(
    (sum, trace) => sum + trace.spans.filter((span) => isOrphan(trace, span)).length,
    0,
  );
  const facts = { traces: under.length, baselineTraces: before.length, requests: scheduled, orphans };
  if (under.length === 0) {
    const [from, until] = [spans.map(({ startMs }) => startMs), spans.map(({ endMs }) => endMs)];
    const least = from.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    const most = until.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    return told(
      `No trace began under this fault, which began at ${startedAt}; the spans are from ${isoOf(least)} to ${isoOf(most)}.`,
      facts,
    );
  }
  const counts =
    under.length > scheduled
      ? `${formatCount(under.length)} traces began while ${formatCount(scheduled)} requests were due: others than the load's are among them.`
      : `${formatCount(under.length)} of ${formatCount(scheduled)} requests have a trace (${formatRatio(under.length / scheduled)}). The others may differ.`;
  const few =
    before.length < 20
      ? ` Only ${formatCount(before.length)} are of the baseline, so little can be compared.`
      : "";
  const lost =
    orphans === 0
      ? ""
      : ` Of ${formatCount(orphans)} spans the file lacks the parent: who called them is not known.`;
  return told(`${counts}${few}${lost}`, facts);
}

function isOrphan(trace: Trace, span: TracedSpan): boolean {
  return span.parentId !== null && trace.parentOf(span) === null;
}

function isoOf(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : "?";
}

function withFindings(fault: FaultReport, findings: readonly Finding[]): FaultReport {
  return {
    ...fault,
    findings: [...fault.findings, ...findings.map(({ text }) => text)],
    findingIds: [...(fault.findingIds ?? []), ...findings.map(({ id }) => id)],
    findingFacts: [...(fault.findingFacts ?? []), ...findings.map(({ facts }) => facts)],
  };
}
