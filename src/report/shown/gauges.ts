/** What a finished run is to Prometheus: gauges that describe the last run, in its base units, seconds and ratios. */

import type { Latency, PhaseReport, Report } from "../../analysis/document/report.js";
import { OUTCOMES } from "../../measure/outcome.js";
import { isLoadTest } from "./run-in-words.js";
import { timedRows } from "./timed-rows.js";

export interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly GaugeSample[];
}

export interface GaugeSample {
  readonly labels: Readonly<Record<string, string>>;
  /** "inf": more failed than a quantile leaves out. */
  readonly value: number | "inf";
}

export function gaugesOf(report: Report): readonly Gauge[] {
  const scenario = { scenario: report.scenario.name };
  // A load test has only its baseline.
  const parts = isLoadTest(report) ? [{ name: "", slos: report.baseline.slos }] : report.faults;
  const slos = parts.flatMap((fault) =>
    fault.slos.map((slo) => ({
      slo,
      labels: { ...scenario, fault: fault.name, slo: slo.expect, phase: slo.phase, unit: baseUnit(slo.unit) },
    })),
  );
  const labelsOf = (phase: PhaseReport) => ({
    ...scenario,
    phase: phase.kind,
    id: phase.id,
    fault: phase.fault ?? "",
  });
  const phases = report.phases.map((phase) => ({ phase, labels: labelsOf(phase) }));
  return [
    gauge("run_timestamp_seconds", "When the run began, Unix time.", [
      { labels: scenario, value: Date.parse(report.startedAt) / 1000 },
    ]),
    gauge("run_duration_seconds", "How long the load ran.", [{ labels: scenario, value: report.durationS }]),
    gauge("run_exit_code", "Exit code of the run.", [{ labels: scenario, value: report.exitCode }]),
    gauge("run_passed", "1 when every SLO held.", [{ labels: scenario, value: report.verdict === "pass" }]),
    gauge(
      "run_score",
      "Share of good requests for the worst SLO, 0 to 100.",
      report.score ? [{ labels: scenario, value: report.score.value }] : [],
    ),
    gauge(
      "fault_passed",
      "1 when every SLO held in this fault; the verdict itself is a label.",
      report.faults.map((fault) => ({
        labels: { ...scenario, fault: fault.name, verdict: fault.verdict },
        value: fault.verdict === "pass",
      })),
    ),
    gauge(
      "check_passed",
      "1 when the check held whenever it was asked; the verdict itself is a label.",
      (report.checks ?? []).map(({ name, verdict }) => ({
        labels: { ...scenario, check: name, verdict },
        value: verdict === "pass",
      })),
    ),
    gauge(
      "check_ids",
      "Ids of a check by what became of them; recovered: their outcome was unknown, and they were found.",
      (report.checks ?? []).flatMap(({ name, ids }) =>
        ids === undefined
          ? []
          : [
              ...(["acknowledged", "refused", "unknown"] as const).map((kind) => [kind, ids[kind]] as const),
              ...(["lost", "duplicated", "unexpected", "recovered"] as const).map(
                (kind) => [kind, ids[kind].count] as const,
              ),
            ].map(([kind, value]) => ({ labels: { ...scenario, check: name, kind }, value })),
      ),
    ),
    gauge(
      "check_completion_seconds",
      "From the answer until the id was seen, by quantile and by the phase of the request; bound: the least and the most that it took.",
      (report.checks ?? []).flatMap(({ name, completion }) =>
        (completion?.phases ?? []).flatMap(({ when, fault, p50, p95, p99 }) =>
          (
            [
              ["0.5", p50],
              ["0.95", p95],
              ["0.99", p99],
            ] as const
          ).flatMap(([quantile, { atLeast, atMost }]) => {
            const labels = { ...scenario, check: name, phase: when, fault: fault ?? "", quantile };
            return [
              { labels: { ...labels, bound: "least" }, value: toBase(atLeast, "ms") },
              { labels: { ...labels, bound: "most" }, value: toBase(atMost, "ms") },
            ];
          }),
        ),
      ),
    ),
    gauge(
      "recovery_seconds",
      'Time to recover; with censored="true" it was longer than this.',
      report.faults.map((fault) => ({
        labels: { ...scenario, fault: fault.name, censored: String(fault.recovery.censored) },
        value: fault.recovery.seconds,
      })),
    ),
    gauge(
      "slo_passed",
      "1 when the SLO held; the verdict itself is a label.",
      slos.map(({ slo, labels: { unit: _, ...labels } }) => ({
        labels: { ...labels, verdict: slo.verdict },
        value: slo.verdict === "pass",
      })),
    ),
    gauge(
      "slo_observed",
      "What was observed, in the unit of its label; +Inf: more failed than the quantile leaves out.",
      slos.map(({ slo, labels }) => ({ labels, value: toBase(slo.observed, slo.unit) })),
    ),
    gauge(
      "slo_target",
      "What the SLO asks for, in the unit of its label.",
      slos.map(({ slo, labels }) => ({ labels, value: toBase(slo.target, slo.unit) })),
    ),
    gauge(
      "phase_requests",
      "Requests of a phase by outcome.",
      phases.flatMap(({ phase, labels }) =>
        OUTCOMES.map((outcome) => ({ labels: { ...labels, outcome }, value: phase.requests[outcome] })),
      ),
    ),
    gauge(
      "phase_degraded_ratio",
      "Share of the requests of a phase whose answer was a fallback; these count as ok.",
      phases.map(({ phase, labels }) => ({ labels, value: phase.degraded?.share ?? null })),
    ),
    gauge(
      "phase_degraded_seconds",
      "How long the fallbacks of a phase took, by quantile.",
      phases.flatMap(({ phase, labels }) =>
        (["p50", "p99"] as const).map((name) => ({
          labels: { ...labels, quantile: name === "p50" ? "0.5" : "0.99" },
          value: toBase(phase.degraded?.latencyMs[name] ?? null, "ms"),
        })),
      ),
    ),
    gauge(
      "phase_redirects",
      "Redirects of a phase that were followed, each a request more to the system.",
      phases.map(({ phase, labels }) => ({ labels, value: phase.redirects ?? null })),
    ),
    gauge(
      "phase_timed",
      "Journeys and waits of a phase by outcome.",
      timedRows(report).flatMap(({ phase, timed }) =>
        OUTCOMES.map((outcome) => ({
          labels: { ...labelsOf(phase), timed: timed.name, outcome },
          value: timed.requests[outcome],
        })),
      ),
    ),
    gauge(
      "phase_timed_seconds",
      "How long the journeys and waits of a phase took, by quantile; +Inf: more failed than the quantile leaves out.",
      timedRows(report).flatMap(({ phase, timed }) =>
        (
          [
            ["0.5", timed.latencyMs.p50],
            ["0.95", timed.latencyMs.p95],
            ["0.99", timed.latencyMs.p99],
          ] as const
        ).map(([quantile, ms]) => ({
          labels: { ...labelsOf(phase), timed: timed.name, quantile },
          value: toBase(ms, "ms"),
        })),
      ),
    ),
    gauge(
      "phase_time_to_failure_seconds",
      "How long the failed requests of a phase took to fail, by quantile.",
      phases.flatMap(({ phase, labels }) =>
        (["p50", "p99"] as const).map((name) => ({
          labels: { ...labels, quantile: name === "p50" ? "0.5" : "0.99" },
          value: toBase(phase.timeToFailure?.ms[name] ?? null, "ms"),
        })),
      ),
    ),
    gauge(
      "unjudged_requests",
      "Requests that were due between phases, by outcome. They are in the counts of no phase.",
      OUTCOMES.flatMap((outcome) => {
        const value = report.unjudged?.outcomes[outcome];
        return value === undefined ? [] : [{ labels: { ...scenario, outcome }, value }];
      }),
    ),
    gauge(
      "unjudged_redirects",
      "Redirects of requests that were due between phases, each a request more to the system.",
      report.unjudged?.redirects === undefined
        ? []
        : [{ labels: scenario, value: report.unjudged.redirects }],
    ),
  ];
}

function gauge(
  name: string,
  help: string,
  samples: readonly { readonly labels: GaugeSample["labels"]; readonly value: Latency | boolean }[],
): Gauge {
  return {
    name: `faultline_${name}`,
    help,
    samples: samples.flatMap(({ labels, value }) =>
      value === null ? [] : { labels, value: typeof value === "boolean" ? Number(value) : value },
    ),
  };
}

function baseUnit(unit: string): string {
  if (unit === "number") return "";
  return unit === "ms" || unit === "s" ? "seconds" : unit === "per_s" ? "per_second" : "ratio";
}

function toBase(value: Latency, unit: string): Latency {
  return typeof value === "number" && unit === "ms" ? value / 1000 : value;
}
