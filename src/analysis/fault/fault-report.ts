/** One fault of a record → its part of the report. */

import { describeFault } from "../../faults/describe.js";
import type { FaultRecord, RunRecord } from "../../measure/record.js";
import { metricOf } from "../../slo/metrics/index.js";
import { parseSlo } from "../../slo/parse.js";
import type { Slo } from "../../slo/slo.js";
import type { FaultReport, Finding, FindingId, SloResult, Timing, Verdict } from "../document/report.js";
import { tellingResult } from "../document/severity.js";
import { worst } from "../document/worst.js";
import { latenessOf } from "../measurement/lateness.js";
import { loadShift, loadShiftOfTrials, loadShiftSentence } from "../measurement/load-shift.js";
import type { LatencyClock, PhaseView } from "../measurement/phase-view.js";
import { mayBeSlowness, saturatedMachine } from "../measurement/saturation.js";
import { distrust } from "../measurement/validity.js";
import type { Recovery } from "../recovery/timings.js";
import type { JudgingContext } from "../slo/judging-context.js";
import { faultSlos, recoverySlos } from "../slo/scope.js";
import { tightestLimitUs } from "../slo/slo-budget.js";
import { whatBroke } from "../wording/what-became.js";
import { ENDED_EARLY } from "../wording/wording.js";
import { compareSlo } from "./effect.js";
import { errorBudget } from "./error-budget.js";
import { judgeFault, notRunSlo } from "./fault-slos.js";
import { faultFindings } from "./findings.js";
import { heldLonger } from "./held-longer.js";
import { littleCrossed } from "./little-crossed.js";
import { whyUnseen } from "./proof-gap.js";
import { describeSearch, searchReport } from "./search-report.js";
import { serviceDeath } from "./service-death.js";
import { mostlyNewStatus, newStatuses } from "./statuses.js";
import { whyUpstreamDecides } from "./upstreams.js";

export interface FaultInRun {
  readonly record: RunRecord;
  readonly fault: FaultRecord;
  /** Resolved against the baseline. */
  readonly slos: readonly Slo[];
  readonly baseline: PhaseView | null;
  /** null: not run. */
  readonly during: PhaseView | null;
  readonly recovery: PhaseView | null;
  readonly context: JudgingContext;
}

export function faultReport(run: FaultInRun): FaultReport {
  const report = asMeasured(run);
  const death = serviceDeath(run.record);
  return death?.fault === report.name
    ? { ...report, verdict: "fail", reason: death.reason, inReason: [] }
    : report;
}

function asMeasured(run: FaultInRun): FaultReport {
  const { fault, during } = run;
  if (fault.search !== null) {
    const whole = frame(run);
    const injection = { ...whole.injection, description: describeSearch(fault.search) };
    const timings = { recovery: untimed(OF_TRIALS), detection: untimed(OF_TRIALS) };
    const found = searchReport(fault.search, fault.proof, cutShort(run));
    // A system that some trial broke uses the proxy.
    const beside =
      fault.search.breaksAt === null && fault.proof?.proven
        ? littleCrossed(fault.proof.targets, run.baseline)
        : [];
    const trials = run.record.phases.filter(({ kind, fault: of }) => kind === "fault" && of === fault.name);
    const shift = loadShiftOfTrials(run.record.load, trials);
    const findings = [
      ...found.findings.map(
        (text, index): Finding => ({ id: index === 0 ? "search_result" : "search", text }),
      ),
      ...beside.map((text): Finding => ({ id: "little_crossed", text })),
      ...(shift === null ? [] : [{ id: "load_differed", text: shift } as const]),
    ];
    return { ...whole, injection, ...timings, ...found, ...listed(findings), inReason: ["search_result"] };
  }
  if (during === null || fault.injectedAtS === null) return notRun(run);
  const { baseline, recovery, context, record } = run;
  const slos = faultSlos(run.slos, fault.name);
  const injectionDelayS = Math.max(0, during.record.startS - fault.injectedAtS);
  const {
    rows: judged,
    detection,
    recovery: back,
  } = judgeFault({
    name: fault.name,
    slos: run.slos,
    injectionDelayS,
    removedAtS: fault.removedAtS,
    baseline,
    during,
    recovery,
    context,
  });

  const shift = baseline ? loadShift(record.load, baseline.record, during.record) : null;
  const comparison = baseline
    ? slos.flatMap((slo) => compareSlo(slo, baseline, during, context.evidence, shift) ?? [])
    : [];
  const untrusted = whyUntrusted(run);
  // A system that it visibly hurt did not go around it.
  const unseen = comparison.some(({ degraded }) => degraded) ? null : whyUnseen(fault.proof);
  const upstreamDecides = {
    baseline: null,
    fault: whyUpstreamDecides(during.record, record),
    recovery: recovery ? whyUpstreamDecides(recovery.record, record) : null,
  };
  const rows = judged.map((slo): SloResult => {
    if (untrusted !== null)
      return slo.verdict === "not_run"
        ? slo
        : {
            ...slo,
            verdict: "invalid",
            reason: untrusted,
            shared: { id: "not_proven", of: fault.name, own: "" },
          };
    const died = slo.verdict === "fail" ? upstreamDecides[slo.phase] : null;
    if (died !== null)
      return {
        ...slo,
        verdict: "invalid",
        reason: `What failed cannot be laid to the fault: ${died}`,
        shared: undefined,
      };
    return unseen !== null && slo.verdict === "pass"
      ? { ...slo, verdict: "inconclusive", reason: unseen, shared: undefined }
      : slo;
  });
  const isUnproven = fault.proof !== null && !fault.proof.proven;
  const statuses = newStatuses(baseline?.record ?? null, during.record);
  const decided =
    untrusted === null
      ? withNewStatus(
          verdictOf(rows, record.load.timeoutMs, shift),
          mostlyNewStatus(statuses, during.counts(null).scheduled),
        )
      : ({ verdict: "invalid", reason: untrusted, inReason: ["not_proven"] } as const);
  const held = heldLonger(fault, record);
  const tailS = recovery ? Math.min(recovery.seconds, back.seconds ?? 0) : 0;
  return {
    ...frame(run),
    ...decided,
    newStatuses: statuses,
    ...(held === null ? {} : { heldLonger: held }),
    slos: rows,
    // Nothing that was measured is an effect of a fault that nothing met.
    recovery: isUnproven ? untimed(OF_NOTHING) : withoutSlo(back),
    detection: isUnproven ? untimed(OF_NOTHING) : detection,
    comparison: isUnproven ? [] : comparison,
    errorBudget: isUnproven
      ? null
      : errorBudget(recoverySlos(run.slos, fault.name), during, recovery, tailS, context.evidence),
    ...listed(
      faultFindings({
        baseline,
        fault: during,
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
        held,
        clock: clockOfP99(rows),
      }),
    ),
  };
}

/** null: every promise was judged from when requests were due, as all that is shown counts. */
function clockOfP99(rows: readonly SloResult[]): LatencyClock | null {
  const during = rows.filter(({ phase }) => phase === "fault");
  if (!during.some(({ lateness }) => lateness?.judgedFrom === "dispatch")) return null;
  const ofP99 = during.find(({ expect }) => {
    const parsed = parseSlo(expect);
    return parsed.ok && parsed.slo.request === null && metricOf(parsed.slo.metric).quantile === 0.99;
  });
  return ofP99?.lateness?.judgedFrom ?? "due";
}

function listed(findings: readonly Finding[]): Pick<FaultReport, "findings" | "findingIds"> {
  return { findings: findings.map(({ text }) => text), findingIds: findings.map(({ id }) => id) };
}

function withNewStatus(decided: Decided, mostly: string | null): Decided {
  return mostly === null
    ? decided
    : { ...decided, reason: `${decided.reason} ${mostly}`, inReason: [...decided.inReason, "new_status"] };
}

/** What a saturated machine may have had to do with it, where something broke or the load generator was late. */
function onMachine(
  { during, recovery, record, slos, fault, context }: FaultInRun,
  rows: readonly SloResult[],
): string | null {
  const limit = tightestLimitUs(faultSlos(slos, fault.name), record.load.timeoutMs);
  const isOpen = (view: PhaseView, phase: SloResult["phase"]) =>
    distrust(view.record, context) !== null ||
    latenessOf(view.record, limit) !== null ||
    rows.some((row) => row.verdict === "fail" && row.phase === phase && mayBeSlowness(row, view.record));
  for (const [view, phase] of [
    [during, "fault"],
    [recovery, "recovery"],
  ] as const) {
    const found = view && isOpen(view, phase) ? saturatedMachine(view.record, record) : null;
    if (found !== null) return phase === "fault" ? found : `In the recovery: ${found}`;
  }
  return null;
}

function withoutSlo({ seconds, censored, holdS, explanation }: Recovery): Timing {
  return { seconds, censored, holdS, explanation };
}

/** How a run ended that did so before it was done with this search; null: it was. */
function cutShort({ record, fault }: FaultInRun): string | null {
  const { ending, faults } = record;
  // What could not be undone at the end cuts nothing short, and makes the run invalid as it is.
  if (ending.kind === "failed" && ending.code === "ROLLBACK_FAILED") return null;
  const last = faults.findLast(({ injectedAtS }) => injectedAtS !== null);
  return ending.kind === "completed" || last?.name !== fault.name
    ? null
    : ENDED_EARLY[ending.kind].toLowerCase();
}

/** Why nothing that was measured can be laid to the fault: it may not have touched anything. null: it did. */
function whyUntrusted({ fault: { proof }, record: { ending } }: FaultInRun): string | null {
  if (proof?.proven) return null;
  if (proof === null && ending.kind !== "completed") {
    return `${ENDED_EARLY[ending.kind]} before this fault was judged.`;
  }
  return `It could not be shown that the fault touched anything: ${proof?.explanation ?? "no proof was recorded."}`;
}

interface Decided {
  readonly verdict: Verdict;
  readonly reason: string;
  /** Findings that the reason says. */
  readonly inReason: readonly FindingId[];
}

function verdictOf(slos: readonly SloResult[], timeoutMs: number, shift: string | null): Decided {
  const verdict = worst(slos.map((slo) => slo.verdict));
  const decisive = slos.filter((slo) => slo.verdict === verdict);
  const first = tellingResult(decisive, verdict);
  if (first === undefined)
    return { verdict: "inconclusive", reason: "No SLO says anything about this fault.", inReason: [] };
  const rest = decisive.filter((slo) => slo !== first);
  switch (verdict) {
    case "pass":
      return {
        verdict,
        reason: slos.length === 1 ? "Its SLO held." : `All ${slos.length} SLOs held.`,
        inReason: [],
      };
    case "fail":
      return {
        verdict,
        reason: `${whatBroke(first, timeoutMs)}${alsoBroken(rest)}${shift === null ? "" : ` ${loadShiftSentence(shift)}`}`,
        inReason: shift === null ? [] : ["load_differed"],
      };
    case "invalid":
      // It is the phase that cannot be trusted, whichever SLO it is judged by.
      return {
        verdict,
        reason: `${first.phase === "recovery" ? "In its recovery: " : ""}${first.reason}`,
        inReason: [],
      };
    case "inconclusive":
    case "not_run": {
      const how = verdict === "inconclusive" ? "is undecided" : "was not judged";
      const more = rest.length > 0 ? ` (and ${rest.length} more)` : "";
      return { verdict, reason: `"${first.expect}" ${how}${more}: ${first.reason}`, inReason: [] };
    }
  }
}

/** SLOs that a sentence can name; of more it gives the number. */
const MOST_NAMED = 2;

function alsoBroken(rest: readonly SloResult[]): string {
  if (rest.length === 0) return "";
  const named = rest.map(({ expect }) => `"${expect}"`).join(" and ");
  return ` Also broken: ${rest.length <= MOST_NAMED ? named : `${rest.length} more SLOs`}.`;
}

/** What is the same for every fault, run or not. */
function frame(run: FaultInRun) {
  const { fault } = run;
  const targets = fault.proof?.targets ?? [];
  const traffics = targets.flatMap(({ traffic }) => traffic ?? []);
  const total = (of: "connections" | "bytes") => {
    const counts = traffics.map((traffic) => traffic.fault?.[of] ?? null).filter((count) => count !== null);
    return counts.length > 0 && counts.length === traffics.length
      ? counts.reduce((all, each) => all + each)
      : null;
  };
  return {
    name: fault.name,
    injection: {
      proven: fault.proof?.proven ?? false,
      ...(fault.proof === null && fault.injectedAtS !== null ? { asked: false } : {}),
      strength: fault.proof?.strength ?? "none",
      explanation:
        fault.proof?.explanation ??
        (fault.injectedAtS === null ? "It was not injected." : (whyUntrusted(run) ?? "")),
      // Of a fault that the run never came to, what it does is not in the record.
      description:
        fault.notRun !== null && fault.actions.length === 0
          ? ""
          : describeFault(fault.actions, fault.stages ?? []),
      toxics: targets.flatMap(({ parts = [] }) => parts),
      acted: fault.proof?.acted,
      connections: total("connections"),
      bytes: total("bytes"),
    },
    injectedAtS: fault.injectedAtS,
    removedAtS: fault.removedAtS,
    slos: [],
    recovery: untimed("The fault was not run."),
    detection: untimed("The fault was not run."),
    comparison: [],
    errorBudget: null,
    search: fault.search,
  } satisfies Partial<FaultReport>;
}

const OF_NOTHING = "It could not be shown that anything met the fault, so there is nothing to time.";
const OF_TRIALS = "Each trial of a search has a recovery of its own; none of them is timed.";

function untimed(explanation: string): Timing {
  return { seconds: null, censored: false, holdS: 0, explanation };
}

function notRun(run: FaultInRun): FaultReport {
  const reason = run.fault.notRun ?? "The run ended before this fault.";
  const slos = faultSlos(run.slos, run.fault.name).map((slo) =>
    notRunSlo(slo, metricOf(slo.metric).timing ?? "fault", reason),
  );
  const briefly = run.fault.notRunBrief;
  return {
    ...frame(run),
    verdict: "not_run",
    reason,
    ...(briefly === undefined ? {} : { briefly }),
    slos,
    findings: [],
  };
}
