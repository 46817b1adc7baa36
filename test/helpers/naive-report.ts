import * as hdr from "hdr-histogram-js";
import type {
  FaultReport,
  Latency,
  PhaseReport,
  Report,
  SloResult,
  Verdict,
} from "../../src/analysis/model.js";
import { OUTCOMES } from "../../src/measure/outcome.js";
import type { PhaseRecord, RunRecord } from "../../src/measure/record.js";

const sum = (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0);
function q(phase: PhaseRecord, share: number): Latency {
  const n = sum(phase.all.scheduled);
  const ok = sum(phase.all.outcomes.ok);
  if (n === 0) return null;
  if (share * n > ok) return "inf";
  return (
    hdr
      .decodeFromCompressedBase64(phase.all.histograms.latency)
      .getValueAtPercentile(((share * n) / ok) * 100) / 1000
  );
}
function phaseReport(p: PhaseRecord): PhaseReport {
  const n = sum(p.all.scheduled);
  const requests = {
    scheduled: n,
    ...Object.fromEntries(OUTCOMES.map((o) => [o, sum(p.all.outcomes[o])])),
  } as PhaseReport["requests"];
  const latencyMs = {
    p50: q(p, 0.5),
    p90: q(p, 0.9),
    p95: q(p, 0.95),
    p99: q(p, 0.99),
    p999: q(p, 0.999),
    max: q(p, 1),
  };
  const core = {
    requests,
    latencyMs,
    availability: n ? requests.ok / n : null,
    throughputPerS: requests.ok / p.durationS,
  };
  return {
    id: p.id,
    name: p.id,
    kind: p.kind,
    fault: p.fault,
    startS: p.startS,
    durationS: p.durationS,
    late: { p99Ms: 0.1 },
    ...core,
    perRequest: p.requests.map((r) => ({ name: r.request ?? "", ...core })),
    reasons: p.reasons,
    invalid: null,
  };
}
export function naiveReport(record: RunRecord): Report {
  const phases = record.phases.map(phaseReport);
  const base = record.phases.find((p) => p.kind === "baseline");
  const value = (p: PhaseRecord | undefined, slo: RunRecord["slos"][number]): Latency => {
    if (!p) return null;
    const n = sum(p.all.scheduled);
    if (slo.metric.kind === "availability") return n ? sum(p.all.outcomes.ok) / n : null;
    if (slo.metric.kind === "error_rate") return n ? 1 - sum(p.all.outcomes.ok) / n : null;
    if (slo.metric.kind === "quantile") return q(p, slo.metric.q);
    if (slo.metric.kind === "throughput") return sum(p.all.outcomes.ok) / p.durationS;
    return q(p, 1);
  };
  const slosOf = (f: string | null): SloResult[] =>
    record.slos.map((slo): SloResult => {
      const fp = record.phases.find((p) => p.kind === "fault" && p.fault === f);
      const rp = record.phases.find((p) => p.kind === "recovery" && p.fault === f);
      const unit =
        slo.metric.kind === "recovery" || slo.metric.kind === "detection"
          ? "s"
          : slo.metric.kind === "throughput"
            ? "per_s"
            : slo.metric.kind === "availability" || slo.metric.kind === "error_rate"
              ? "ratio"
              : "ms";
      const baseline = unit === "s" ? null : value(base, slo);
      const observed = unit === "s" ? 2 : value(f === null ? base : fp, slo);
      const target =
        slo.target.kind === "absolute"
          ? slo.target.value
          : slo.target.kind === "baseline_factor" && typeof baseline === "number"
            ? baseline * slo.target.factor
            : null;
      const o = observed === "inf" ? Infinity : observed;
      const ok = o !== null && target !== null && (slo.operator.startsWith("<") ? o < target : o >= target);
      const interval =
        typeof observed === "number" && unit !== "s"
          ? ([observed * 0.97, unit === "ratio" ? Math.min(1, observed * 1.001) : observed * 1.03] as const)
          : null;
      return {
        expect: slo.text,
        phase: f === null ? "baseline" : "fault",
        verdict: observed === null ? "not_run" : ok ? "pass" : "fail",
        unit,
        baseline,
        observed,
        after: unit === "s" ? null : value(rp, slo),
        interval,
        target,
        reason: ok ? "held with room to spare." : `broken: ${slo.text} does not hold.`,
        counts: unit === "s" ? null : { bad: 31, total: 2000, budget: 0.01 },
        censored: false,
        share: null,
      };
    });
  const worst = (vs: Verdict[]) =>
    (["pass", "not_run", "inconclusive", "invalid", "fail"] as const)[
      Math.max(0, ...vs.map((v) => ["pass", "not_run", "inconclusive", "invalid", "fail"].indexOf(v)))
    ]!;
  const faults = record.faults.map((f): FaultReport => {
    const slos = f.notRun ? [] : slosOf(f.name);
    const verdict = f.notRun ? "not_run" : worst(slos.map((s) => s.verdict));
    return {
      name: f.name,
      verdict,
      reason:
        f.notRun ??
        (verdict === "fail"
          ? `${slos
              .filter((s) => s.verdict === "fail")
              .map((s) => s.expect)
              .join(" and ")} did not hold.`
          : "Every SLO held."),
      injection: {
        proven: true,
        strength: "observed",
        explanation: f.proof?.explanation ?? "",
        description: "latency 300 ms ± 50 ms downstream on inventory",
        toxics: ["latency_downstream"],
        connections: 12,
        bytes: 48211,
      },
      injectedAtS: f.injectedAtS,
      removedAtS: f.removedAtS,
      slos,
      recovery: {
        seconds: f.notRun ? null : verdict === "fail" ? 2 : 0,
        censored: false,
        holdS: 10,
        explanation: "The first second after which 10 s stayed within budget.",
      },
      detection: {
        seconds: verdict === "fail" ? 1 : null,
        censored: false,
        holdS: 0,
        explanation: "First bad second.",
      },
      comparison: [
        {
          slo: "p99 < 400ms",
          difference: 0.12,
          interval: [0.08, 0.16],
          degraded: true,
          smallestVisible: 0.01,
          ratio: null,
          sentence: "12% more requests were bad than in the baseline (8% to 16%).",
        },
      ],
      errorBudget: {
        slo: "availability >= 99%",
        burnRate: 12,
        consumed: 0.116,
        interval: [0.1, 0.13],
        sentence: "Thirty seconds of this fault burn 0.8% of a 30-day budget of availability >= 99%.",
      },
      search: f.search,
      findings:
        verdict === "fail"
          ? [
              "Errors begin 1.8 s after the partition: the client timeout is 2 s and nothing is retried.",
              "p99 rose from 14.1 ms to 398 ms while throughput stayed at 100/s: requests wait, they are not shed.",
            ]
          : ["Nothing a user would notice: p99 stayed at the baseline's level."],
    };
  });
  const verdict = record.ending.kind === "completed" ? worst(faults.map((f) => f.verdict)) : "aborted";
  return {
    formatVersion: 1,
    tool: record.tool,
    scenario: record.scenario,
    verdict: verdict === "not_run" ? "inconclusive" : verdict,
    exitCode: verdict === "pass" ? 0 : 1,
    reason:
      verdict === "fail"
        ? "2 of 3 faults broke an SLO; worst: availability >= 99% fell to 78.2% while the inventory was cut off."
        : "Every SLO held in every fault.",
    evidence: record.evidence,
    startedAt: record.startedAt,
    durationS: record.durationS,
    seed: record.seed,
    score: {
      value: 61.7,
      explanation:
        "the share of good requests from injection to the recovery target, for the worst SLO: availability >= 99% in “inventory cut off”",
    },
    phases,
    baseline: { verdict: "pass", slos: slosOf(null) },
    faults,
    environment: record.environment,
    load: record.load,
    events: record.events,
    services: record.services,
    ending: record.ending,
  };
}
