/** Turns one fault of a record into its part of the report. */

import { scenarioName } from "../../plan/fault-round.js";
import { metricOf } from "../../slo/metrics/index.js";
import type { FaultReport, SloResult, Timing } from "../document/report.js";
import { promiseOf } from "../document/slo-result.js";
import { failedAround } from "../findings/failure-findings.js";
import type { FaultFacts } from "../findings/finding.js";
import { faultFindings } from "../findings/findings.js";
import { heldLonger } from "../findings/held-longer.js";
import { mostlyNewStatus, newStatuses } from "../findings/statuses.js";
import { latenessOf } from "../measurement/lateness.js";
import { loadShift } from "../measurement/load-shift.js";
import type { LatencyClock, PhaseView } from "../measurement/phase-view.js";
import { mayBeSlowness, saturatedMachine } from "../measurement/saturation.js";
import { distrust } from "../measurement/validity.js";
import { patternsOfFault } from "../patterns/patterns-of-fault.js";
import { podsTold } from "../pods/pods-told.js";
import { because, reason } from "../reasons/reasons.js";
import type { Recovery } from "../recovery/timings.js";
import { faultSlos, recoverySlos } from "../slo/scope.js";
import { tightestLimitUs } from "../slo/slo-budget.js";
import { whyUnseen, whyUntrusted, withDoubts } from "./doubts.js";
import { compareSlo } from "./effect.js";
import { type CostAround, errorBudget } from "./error-budget.js";
import { type FaultInRun, faultFrame, findingFields, untimed } from "./fault-frame.js";
import { judgeFault, notRunSlo } from "./fault-slos.js";
import { verdictOfRows, withNewStatus } from "./fault-verdict.js";
import { searchedFault } from "./searched-fault.js";
import { serviceDeath } from "./service-death.js";

export function faultReport(run: FaultInRun): FaultReport {
  const report = asMeasured(run);
  const death = serviceDeath(run.record);
  return death?.fault === report.name
    ? { ...report, verdict: "fail", ...because(death.because), inReason: [] }
    : report;
}

function asMeasured(run: FaultInRun): FaultReport {
  const { fault, during } = run;
  if (fault.search !== null) return searchedFault(run, fault.search);
  if (during === null || fault.injectedAtS === null) return notRun(run);
  return judgedFault(run, during, fault.injectedAtS);
}

function nameInScenario({ name, round }: FaultInRun["fault"]): string {
  return scenarioName(name, round);
}

function judgedFault(run: FaultInRun, during: PhaseView, injectedAtS: number): FaultReport {
  const { fault, baseline, recovery, context, record } = run;
  const slos = faultSlos(run.slos, nameInScenario(fault));
  const injectionDelayS = Math.max(0, during.record.startS - injectedAtS);
  const judged = judgeFault({
    fault: nameInScenario(fault),
    slos: run.slos,
    injectionDelayS,
    removedAtS: fault.removedAtS,
    letBackAtS: fault.letBackAtS ?? null,
    baseline,
    during,
    recovery,
    around: fault.around,
    context,
  });
  const back = judged.recovery;
  const shift = baseline ? loadShift(record.load, baseline.record, during.record) : null;
  const comparison = baseline
    ? slos.flatMap((slo) => compareSlo(slo, baseline, during, context.evidence, shift) ?? [])
    : [];
  const untrusted = whyUntrusted(fault, record);
  const rows = withDoubts(judged.rows, fault, record, {
    untrusted,
    // A system that the fault visibly hurt did not go around it.
    unseen: comparison.some(({ degraded }) => degraded) ? null : whyUnseen(fault.proof),
    during: during.record,
    recovery: recovery?.record ?? null,
  });
  const isUnproven = fault.proof !== null && !fault.proof.proven;
  const statuses = newStatuses(baseline?.record ?? null, during.record);
  const { because: why, ...decided } =
    untrusted === null
      ? withNewStatus(
          verdictOfRows(rows, record.load.timeoutMs, shift),
          mostlyNewStatus(statuses, during.counts(null).scheduled),
        )
      : ({ verdict: "invalid", because: [untrusted], inReason: ["not_proven"] } as const);
  const held = heldLonger(fault, record);
  const patterns = isUnproven
    ? []
    : patternsOfFault(
        fault,
        {
          baseline: baseline?.record ?? null,
          during: during.record,
          recovery: recovery?.record ?? null,
        },
        record,
      );
  // What is counted from before the phase of the recovery is in the phase of the fault already.
  const earlierS = recovery && fault.letBackAtS !== undefined ? recovery.startS - fault.letBackAtS : 0;
  const tailS = recovery ? Math.min(recovery.seconds, Math.max(0, (back.seconds ?? 0) - earlierS)) : 0;
  return {
    ...faultFrame(run),
    ...decided,
    ...because(...why),
    newStatuses: statuses,
    ...(patterns.length === 0 ? {} : { patterns: [...patterns] }),
    ...(held === null ? {} : { heldLonger: held }),
    slos: rows,
    // Nothing that was measured is an effect of a fault that nothing met.
    recovery: isUnproven ? untimed(OF_NOTHING) : withoutSlo(back),
    detection: isUnproven ? untimed(OF_NOTHING) : judged.detection,
    comparison: isUnproven ? [] : comparison,
    errorBudget: isUnproven
      ? null
      : errorBudget(
          recoverySlos(run.slos, nameInScenario(fault)),
          { during, recovery, tailS, around: costAround(run, during, injectionDelayS) },
          context.evidence,
        ),
    ...findingFields(
      faultFindings({
        baseline,
        fault: during,
        around: fault.around,
        rows,
        recovery,
        recoveryTiming: back,
        comparison,
        shift,
        load: record.load,
        timeoutMs: record.load.timeoutMs,
        model: context.model,
        delayS: injectionDelayS,
        untrusted,
        isUnproven,
        machine: onMachine(run, rows),
        targets: fault.proof?.targets ?? [],
        newStatuses: statuses,
        patterns,
        pods: podsTold(record, fault, during, recovery),
        firstTry: fault.firstTry ?? null,
        held,
        clock: clockOfP99(rows),
      }),
    ),
  };
}

/** Where more failed than the baseline's share and chance would bring. */
function costAround(
  { fault: { around }, baseline, recovery }: FaultInRun,
  during: PhaseView,
  injectionDelayS: number,
): readonly CostAround[] {
  const beyond = failedAround({ around, baseline });
  const removalS = recovery ? recovery.startS - (during.startS + during.seconds) : 0;
  return [
    ...(beyond.injection > 0 ? [{ counts: around?.injection ?? [], seconds: injectionDelayS }] : []),
    ...(beyond.removal > 0 ? [{ counts: around?.removal ?? [], seconds: Math.max(0, removalS) }] : []),
  ];
}

/**
 * The clock that the promise on p99 was judged by, where some promise was judged from when requests left.
 * @returns null when every promise was judged from when requests were due: all figures that are shown count from there.
 */
function clockOfP99(rows: readonly SloResult[]): LatencyClock | null {
  const during = rows.filter(({ phase }) => phase === "fault");
  if (!during.some(({ lateness }) => lateness?.judgedFrom === "dispatch")) return null;
  const ofP99 = during.find((result) => {
    const promise = promiseOf(result);
    return promise?.request === null && metricOf(promise.metric).quantile === 0.99;
  });
  return ofP99?.lateness?.judgedFrom ?? "due";
}

/** What a saturated machine may have caused. Only where something broke or the load generator was late. */
function onMachine(
  { during, recovery, record, slos, fault, context }: FaultInRun,
  rows: readonly SloResult[],
): FaultFacts["machine"] {
  const limit = tightestLimitUs(faultSlos(slos, nameInScenario(fault)), record.load.timeoutMs);
  const isOpen = (view: PhaseView, phase: SloResult["phase"]) =>
    distrust(view.record, context) !== null ||
    latenessOf(view.record, limit) !== null ||
    rows.some((row) => row.verdict === "fail" && row.phase === phase && mayBeSlowness(row, view.record));
  for (const [view, phase] of [
    [during, "fault"],
    [recovery, "recovery"],
  ] as const) {
    const found = view && isOpen(view, phase) ? saturatedMachine(view.record, record) : null;
    if (found !== null) return { phase, because: found };
  }
  return null;
}

function withoutSlo({ brokenAtEnd: _, ...timing }: Recovery): Timing {
  return timing;
}

const OF_NOTHING = reason("nothing_to_time", {});

function notRun(run: FaultInRun): FaultReport {
  const { notRun: text, obstacle } = run.fault;
  const hasEnded = run.record.ending.kind !== "completed";
  const why = reason("not_run", {
    why: text ?? "The run ended before this fault.",
    obstacle: obstacle?.id ?? (hasEnded ? "run_ended" : null),
    after: obstacle?.fault ?? null,
  });
  const slos = faultSlos(run.slos, nameInScenario(run.fault)).map((slo) =>
    notRunSlo(slo, metricOf(slo.metric).timing ?? "fault", why),
  );
  const briefly = run.fault.notRunBrief;
  return {
    ...faultFrame(run),
    verdict: "not_run",
    ...because(why),
    ...(briefly === undefined ? {} : { briefly }),
    slos,
    findings: [],
  };
}
