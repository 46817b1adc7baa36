/** record.json → report.json. Pure: the same record gives the same report, now or later. */

import type { FaultRecord, PhaseRecord, RunRecord } from "../measure/record.js";
import { scenarioName } from "../plan/fault-round.js";
import { metricOf } from "../slo/metrics/index.js";
import type { Slo } from "../slo/slo.js";
import { formatSeconds } from "../support/format.js";
import { withCheckFindings } from "./checks/check-findings.js";
import { checkReport } from "./checks/check-report.js";
import { conclude } from "./conclude.js";
import { type FaultReport, REPORT_FORMAT_VERSION, type Report, type SloResult } from "./document/report.js";
import { worst } from "./document/verdict.js";
import { faultReport } from "./fault/fault-report.js";
import { judgingContext } from "./interim-judging.js";
import { phaseReport } from "./measurement/phase-report.js";
import { PhaseView } from "./measurement/phase-view.js";
import { distrust } from "./measurement/validity.js";
import { because } from "./reasons/reasons.js";
import { MOST_RECOVERY_S, score } from "./score.js";
import { judgeSlo } from "./slo/judge.js";
import type { JudgingContext } from "./slo/judging-context.js";
import { baselineSlos, faultSlos, isTiming } from "./slo/scope.js";
import { LEAST_SECONDS_TO_PASS } from "./slo/share-verdict.js";
import { resolveAgainst } from "./slo/targets.js";
import { ENDED_EARLY } from "./wording/wording.js";

export interface AnalyseOptions {
  /** SLOs to judge by in place of the record's own. Their latency limits must have been counted (see slosForRecord). */
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
  const slos = resolveAgainst(asWritten, baseline);
  const context = judgingContext(asWritten, {
    evidence,
    model: record.load.model.kind,
    timeoutMs: record.load.timeoutMs,
    profile: record.load.model.profile,
    plannedPhases: record.plannedPhases,
  });

  const before = judgeBaseline(asWritten, baseline, context);
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
  const order = record.faults.flatMap(({ name, injectedAtS }) => (injectedAtS === null ? [] : [name]));
  const checks = record.checks?.map((check) => checkReport(check, views));
  const {
    because: why,
    verdict,
    exitCode,
    ...concerned
  } = conclude(record, asWritten, before, faults, checks);
  const scorable =
    before.verdict === "pass" &&
    record.ending.kind === "completed" &&
    verdict !== "invalid" &&
    baseline !== null &&
    mostAreDecided(faults);
  return {
    formatVersion: REPORT_FORMAT_VERSION,
    tool: record.tool,
    scenario: record.scenario,
    verdict,
    exitCode,
    ...because(...why),
    ...concerned,
    evidence,
    ...(options.slos ? { otherSlos: options.slos.map(({ text }) => text) } : {}),
    startedAt: record.startedAt,
    durationS: record.durationS,
    seed: record.seed,
    score: scorable ? scoreOf(record, slos, baseline, find, verdict) : null,
    unjudged: record.unjudged,
    phases: views.map((view) =>
      phaseReport(view, distrust(view.record, context), record.load.tracing?.traceLink ?? null),
    ),
    baseline: before,
    faults: checks
      ? faults.map((fault) =>
          withCheckFindings(fault, checks, { baseline, during: find("fault", fault.name) }, order),
        )
      : faults,
    ...(checks ? { checks } : {}),
    ...(record.workers ? { workers: record.workers } : {}),
    ...(record.telemetry ? { telemetry: record.telemetry } : {}),
    environment: record.environment,
    load: record.load,
    events: record.events,
    services: record.services,
    ending: record.ending,
    limits: [...limitsOf(evidence, before, faults, views), ...limitsOfForward(record.load)],
  };
}

/** Faults of the plan that the run did not reach before it ended. The record does not have them. */
function neverReached({ ending, plannedPhases, faults }: RunRecord): FaultRecord[] {
  if (ending.kind === "completed") return [];
  const known = new Set(faults.map(({ name }) => name));
  return plannedPhases.flatMap(({ kind, fault: name, round }) => {
    if (kind !== "fault" || name === null || known.has(name)) return [];
    known.add(name);
    return {
      name,
      ...(round ? { round } : {}),
      actions: [],
      injectedAtS: null,
      removedAtS: null,
      notRun: `${ENDED_EARLY[ending.kind]} before it.`,
      proof: null,
      search: null,
    };
  });
}

/** An outage that comes once in T/3 seconds misses a phase of T seconds in e⁻³ = 5 % of runs. */
function limitsOf(
  evidence: Report["evidence"],
  baseline: Report["baseline"],
  faults: readonly FaultReport[],
  views: readonly PhaseView[],
): string[] {
  const loadTest =
    faults.length === 0 ? ["No fault was injected, so this run says nothing of resilience."] : [];
  const results = [...baseline.slos, ...faults.flatMap(({ slos }) => slos)];
  const twoClocks = results.some(({ lateness }) => lateness?.judgedFrom === "dispatch")
    ? ["Charts and tables of phases and requests count latency from when requests were due."]
    : [];
  return [...loadTest, ...twoClocks, ...limitsOfVerdicts(evidence, results, views)];
}

/** What a port-forward goes around, and what it adds. */
function limitsOfForward({ forward }: RunRecord["load"]): string[] {
  if (!forward) return [];
  return [
    "The load went through a port-forward: latencies and throughput include the API server and the node's kubelet.",
    "A port-forward ends at the pod's own loopback address: what network policies, meshes and network faults do in front of these pods, it did not meet.",
  ];
}

function limitsOfVerdicts(
  evidence: Report["evidence"],
  results: readonly SloResult[],
  views: readonly PhaseView[],
): string[] {
  if (evidence === "observed") {
    return [
      "Judged by what was observed: the verdicts say what happened in this run and claim nothing beyond it.",
    ];
  }
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
  context: JudgingContext,
): Report["baseline"] {
  if (view === null) return { verdict: "not_run", slos: [] };
  const invalid = distrust(view.record, context);
  const results = baselineSlos(slos).map((slo) =>
    judgeSlo({ slo, phase: "baseline", view, baseline: view, after: null, invalid }, context),
  );
  if (results.length > 0) return { verdict: worst(results.map(({ verdict }) => verdict)), slos: results };
  // With only relative or timing SLOs the baseline has nothing to hold. It must still have been measured.
  const measured = invalid === null && view.counts(null).scheduled > 0;
  return { verdict: measured ? "pass" : "invalid", slos: [] };
}

/** Whether at least half of the promises were decided. A score over fewer would stand for what nobody knows. */
function mostAreDecided(faults: readonly FaultReport[]): boolean {
  const verdicts = faults
    .flatMap(({ search, slos }) => (search === null ? slos : []))
    .map((slo) => slo.verdict);
  const decided = verdicts.filter((verdict) => verdict === "pass" || verdict === "fail").length;
  return decided >= verdicts.length / 2;
}

function scoreOf(
  record: RunRecord,
  slos: readonly Slo[],
  baseline: PhaseView,
  find: (kind: PhaseRecord["kind"], fault: string | null) => PhaseView | null,
  verdict: Report["verdict"],
): Report["score"] {
  /** @returns null when the phase is not in the plan. */
  const plannedS = (kind: PhaseRecord["kind"], fault: string) => {
    const phase = record.plannedPhases.find((each) => each.kind === kind && each.fault === fault);
    return phase === undefined ? null : phase.durationMs / 1000;
  };
  return score(
    record.faults
      .filter(({ search }) => search === null)
      .map(({ name, round }) => {
        const ofFault = faultSlos(slos, scenarioName(name, round));
        const target = ofFault.find(({ metric }) => isRecoveryTime(metric))?.target;
        return {
          name,
          slos: ofFault.filter((slo) => !isTiming(slo) && slo.phases.includes("fault")),
          baseline,
          fault: find("fault", name),
          recovery: find("recovery", name),
          plannedFaultS: plannedS("fault", name) ?? 0,
          // What no plan looks at was not missed: without a promise nothing says how long to look.
          recoveryTargetS:
            target?.kind === "absolute"
              ? Math.ceil(target.value)
              : Math.min(MOST_RECOVERY_S, Math.floor(plannedS("recovery", name) ?? MOST_RECOVERY_S)),
        };
      }),
    verdict,
  );
}

function isRecoveryTime(spec: Slo["metric"]): boolean {
  const { timing, alert } = metricOf(spec);
  return timing === "recovery" && alert === null;
}
