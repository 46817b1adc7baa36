/** record.json → report.json. Pure: the same record gives the same report, now or later. */

import type { FaultRecord, PhaseRecord, RunRecord } from "../measure/record.js";
import type { Slo } from "../scenario/slo.js";
import { ERRORS, EXIT } from "../support/errors.js";
import { formatSeconds } from "../support/format.js";
import { faultReport } from "./fault-report.js";
import { judgingContext, tightestLimitUs } from "./gates.js";
import { type JudgingContext, judgeSlo } from "./judge.js";
import {
  type FaultReport,
  REPORT_FORMAT_VERSION,
  type Report,
  type RunVerdict,
  type SloResult,
} from "./model.js";
import { phaseReport } from "./phase-report.js";
import { PhaseView } from "./phase-view.js";
import { baselineSlos, faultSlos, isTiming } from "./scope.js";
import { DEFAULT_RECOVERY_TARGET_S, score } from "./score.js";
import { excess, tellingResult } from "./severity.js";
import { resolveAgainstBaseline } from "./targets.js";
import { topReason } from "./top-reason.js";
import { invalidReason } from "./validity.js";
import { LEAST_SECONDS_TO_PASS } from "./verdict.js";
import { ENDED_EARLY } from "./wording.js";
import { worst } from "./worst.js";

export interface AnalyseOptions {
  /** Judge by these instead of the record's own; their latency limits must have been counted (see slosForRecord). */
  readonly slos?: readonly Slo[] | undefined;
  readonly evidence?: JudgingContext["evidence"] | undefined;
}

export function analyse(record: RunRecord, options: AnalyseOptions = {}): Report {
  const evidence = options.evidence ?? record.evidence;
  const asWritten = options.slos ?? record.slos;
  const views = record.phases.map((phase) => new PhaseView(phase));
  const find = (kind: PhaseRecord["kind"], fault: string | null): PhaseView | null =>
    views.find((view) => view.record.kind === kind && view.record.fault === fault) ?? null;
  const baseline = find("baseline", null);
  const slos = resolveAgainstBaseline(asWritten, baseline?.record ?? null);
  const context = judgingContext(asWritten, {
    evidence,
    model: record.load.model.kind,
    plannedPhases: record.plannedPhases,
  });

  const before = judgeBaseline(asWritten, baseline, record.load.timeoutMs, context);
  const faults = [...record.faults, ...neverReached(record)].map((fault) =>
    faultReport({
      record,
      fault,
      slos,
      baseline,
      during: find("fault", fault.name),
      recovery: find("recovery", fault.name),
      context,
    }),
  );
  const ending = conclude(record, asWritten, before, faults);
  const scorable =
    before.verdict === "pass" &&
    record.ending.kind === "completed" &&
    ending.verdict !== "invalid" &&
    baseline !== null;
  const tightest = tightestLimitUs(slos, record.load.timeoutMs);
  return {
    formatVersion: REPORT_FORMAT_VERSION,
    tool: record.tool,
    scenario: record.scenario,
    ...ending,
    evidence,
    ...(options.slos ? { otherSlos: options.slos.map(({ text }) => text) } : {}),
    startedAt: record.startedAt,
    durationS: record.durationS,
    seed: record.seed,
    score: scorable ? scoreOf(record, slos, baseline, find) : null,
    phases: views.map((view) => phaseReport(view, invalidReason(view.record, tightest))),
    baseline: before,
    faults,
    environment: record.environment,
    load: record.load,
    events: record.events,
    services: record.services,
    ending: record.ending,
    limits: limitsOf(evidence, before, faults, views),
  };
}

/** Faults of the plan that a run ended before; the record has nothing of them. */
function neverReached({ ending, plannedPhases, faults }: RunRecord): FaultRecord[] {
  if (ending.kind === "completed") return [];
  const planned = plannedPhases.flatMap(({ kind, fault }) =>
    kind === "fault" && fault !== null ? [fault] : [],
  );
  const known = new Set(faults.map(({ name }) => name));
  return [...new Set(planned)]
    .filter((name) => !known.has(name))
    .map((name) => ({
      name,
      injections: [],
      injectedAtS: null,
      removedAtS: null,
      notRun: `Not run: ${ENDED_EARLY[ending.kind].toLowerCase()} before it.`,
      proof: null,
      search: null,
    }));
}

/** An outage that comes once in T/3 seconds is missed by a phase of T seconds in e⁻³ = 5 % of runs. */
function limitsOf(
  evidence: Report["evidence"],
  baseline: Report["baseline"],
  faults: readonly FaultReport[],
  views: readonly PhaseView[],
): string[] {
  if (evidence === "observed") {
    return [
      "Judged by what was observed: the verdicts say what happened in this run and claim nothing beyond it.",
    ];
  }
  const results = [...baseline.slos, ...faults.flatMap(({ slos }) => slos)];
  if (!results.some(({ verdict, share }) => verdict === "pass" && share !== null)) return [];
  const seconds = views.filter(({ record }) => record.kind !== "warmup").map((view) => view.seconds);
  const judging = seconds.filter((length) => length >= LEAST_SECONDS_TO_PASS);
  // A pass without an interval (a worst window) may come from a shorter phase.
  const shortest = Math.min(...(judging.length > 0 ? judging : seconds));
  const rare = formatSeconds(Math.floor(shortest / 3));
  return [
    `A pass says what the system does in the long run, from phases of ${formatSeconds(shortest)} and more: an outage that ` +
      `comes less often than once in ${rare} may have gone unseen.`,
    "A pass assumes that the system forgets within about 6 s; where effects build up more slowly, use phases of 300 s and more.",
  ];
}

function judgeBaseline(
  slos: readonly Slo[],
  view: PhaseView | null,
  timeoutMs: number,
  context: JudgingContext,
): Report["baseline"] {
  if (view === null) return { verdict: "not_run", slos: [] };
  const invalid = invalidReason(view.record, tightestLimitUs(slos, timeoutMs));
  const results = baselineSlos(slos).map((slo) =>
    judgeSlo({ slo, phase: "baseline", view, baseline: view, after: null, invalid }, context),
  );
  if (results.length > 0) return { verdict: worst(results.map(({ verdict }) => verdict)), slos: results };
  // Only relative or timing SLOs: the baseline has nothing to hold, but it must have been measured.
  const measured = invalid === null && view.counts(null).scheduled > 0;
  return { verdict: measured ? "pass" : "invalid", slos: [] };
}

type Conclusion = Pick<Report, "verdict" | "exitCode" | "reason">;

function conclude(
  record: RunRecord,
  slos: readonly Slo[],
  baseline: Report["baseline"],
  faults: readonly FaultReport[],
): Conclusion {
  const { ending } = record;
  switch (ending.kind) {
    case "interrupted":
      return { verdict: "aborted", exitCode: EXIT.interrupted, reason: `Interrupted: ${ending.reason}` };
    case "aborted":
      return {
        verdict: "aborted",
        exitCode: EXIT.sloBroken,
        reason: `The run was aborted: ${ending.reason}`,
      };
    case "failed":
      return { verdict: "invalid", exitCode: exitCodeOf(ending.code), reason: ending.reason };
    case "completed":
      return concludeCompleted(slos, baseline, faults, baselineFailures(record));
  }
}

type BaselineFailures = (broken: SloResult) => string;

/** Begins the reason with what went wrong most often, where failures (and not slowness) broke the SLO. */
function baselineFailures({ phases }: RunRecord): BaselineFailures {
  const baseline = phases.find(({ kind }) => kind === "baseline");
  const top = baseline ? topReason(baseline) : null;
  if (!baseline || top === null) return () => "";
  const failed = Object.values(baseline.reasons).reduce((all, each) => all + each, 0);
  // A status that looks like success is one that the scenario does not expect.
  const unexpected = /^status [123]\d\d$/.test(top) ? ", which is not expected" : "";
  return ({ counts }) =>
    counts !== null && failed >= counts.bad / 2
      ? `Requests failed most often by "${top}"${unexpected}. `
      : "";
}

function exitCodeOf(code: string): number {
  // A record may be newer than this table.
  const known: Readonly<Record<string, { readonly exitCode: number }>> = ERRORS;
  return known[code]?.exitCode ?? EXIT.environment;
}

function concludeCompleted(
  slos: readonly Slo[],
  baseline: Report["baseline"],
  faults: readonly FaultReport[],
  why: BaselineFailures,
): Conclusion {
  if (slos.length === 0) return undecided("inconclusive", "There is no SLO, so nothing was promised.");
  const broken = baseline.slos.find(({ verdict }) => verdict === "fail");
  if (broken && faults.length > 0) {
    const reason = `The baseline does not hold its SLOs, so nothing can be said of faults: "${broken.expect}". ${why(broken)}${broken.reason}`;
    return { verdict: "invalid", exitCode: EXIT.environment, reason };
  }
  const failed = faults.filter(({ verdict }) => verdict === "fail");
  const first = mostBroken(failed);
  if (first) {
    const more = failed.length > 1 ? ` ${failed.length} of ${faults.length} faults broke SLOs.` : "";
    return {
      verdict: "fail",
      exitCode: EXIT.sloBroken,
      reason: `In "${first.name}": ${first.reason}${more}`,
    };
  }
  if (broken) {
    return {
      verdict: "fail",
      exitCode: EXIT.sloBroken,
      reason: `"${broken.expect}" did not hold: ${why(broken)}${broken.reason}`,
    };
  }
  const verdict = worst([baseline.verdict, ...faults.map((fault) => fault.verdict)]);
  if (verdict === "pass") {
    const reason =
      faults.length === 0
        ? "Every SLO held; no fault was planned."
        : `Every SLO held in ${faultsText(faults.length)}.`;
    return { verdict: "pass", exitCode: EXIT.ok, reason };
  }
  const [open] = faults.filter((fault) => fault.verdict === verdict);
  if (open && open.verdict !== "pass") {
    const kind = verdict === "invalid" ? "invalid" : "inconclusive";
    return undecided(kind, `In "${open.name}": ${open.reason}`);
  }
  const reason = baseline.slos.find((slo) => slo.verdict === verdict)?.reason ?? "It was not run.";
  return undecided(verdict === "invalid" ? "invalid" : "inconclusive", `In the baseline: ${reason}`);
}

/** The fault with the SLO that is farthest beyond its limit; the first of equals. */
function mostBroken(failed: readonly FaultReport[]): FaultReport | undefined {
  const broken = (fault: FaultReport) => {
    const slo = tellingResult(fault.slos, "fail");
    return slo ? excess(slo) : 0;
  };
  return failed.reduce<FaultReport | undefined>(
    (most, fault) => (most && broken(most) >= broken(fault) ? most : fault),
    undefined,
  );
}

function faultsText(count: number): string {
  return count === 1 ? "the one fault" : `all ${count} faults`;
}

function undecided(verdict: Extract<RunVerdict, "inconclusive" | "invalid">, reason: string): Conclusion {
  return { verdict, exitCode: EXIT.undecided, reason };
}

function scoreOf(
  record: RunRecord,
  slos: readonly Slo[],
  baseline: PhaseView,
  find: (kind: PhaseRecord["kind"], fault: string | null) => PhaseView | null,
): Report["score"] {
  const planned = (fault: string) =>
    record.plannedPhases.find((phase) => phase.kind === "fault" && phase.fault === fault)?.durationMs ?? 0;
  return score(
    record.faults
      .filter(({ search }) => search === null)
      .map(({ name }) => {
        const ofFault = faultSlos(slos, name);
        const target = ofFault.find(({ metric }) => metric.kind === "recovery")?.target;
        return {
          name,
          slos: ofFault.filter((slo) => !isTiming(slo) && slo.phases.includes("fault")),
          baseline,
          fault: find("fault", name),
          recovery: find("recovery", name),
          plannedFaultS: planned(name) / 1000,
          recoveryTargetS: target?.kind === "absolute" ? Math.ceil(target.value) : DEFAULT_RECOVERY_TARGET_S,
        };
      }),
  );
}
