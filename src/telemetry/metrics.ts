import { quantileOfSecond } from "../measure/live/ended-seconds.js";
import { OUTCOMES, type Outcome } from "../measure/outcome.js";
import { gaugesOf } from "../report/shown/gauges.js";
import { NOTHING_YET, type PhaseTotals } from "./phase-totals.js";
import type { ToldItem, ToldPhase, ToldTrace } from "./told.js";

/** A number under the name that Prometheus gives it. Each exporter writes it as its receiver wants it. */
export type SentMetric = {
  readonly name: string;
  /** Those with an empty text are none. */
  readonly labels: Readonly<Record<string, string>>;
  /** Requests that it counts, as examples. */
  readonly exemplars?: readonly Exemplar[];
} & (
  | { readonly type: "counter"; readonly value: number }
  /** "inf": more failed than a quantile leaves out. */
  | { readonly type: "gauge"; readonly value: number | "inf" }
  | { readonly type: "histogram"; readonly value: PhaseTotals["latency"] }
);

/** One of the requests of a metric, by its trace. */
export interface Exemplar {
  readonly traceId: string;
  /** Of a counter 1, of times in seconds. */
  readonly value: number;
  /** When it ended, in Unix time. */
  readonly atMs: number;
}

const QUANTILES = [0.5, 0.9, 0.99, 1] as const;

/**
 * What was told, as metrics. A counter begins at 0 with its phase, so that nothing is lost to a rate. When a phase is over
 * these are the metrics that end with it, and their values say nothing. The results have the names that faultline.prom has.
 */
export function metricsOf(told: ToldItem, scenario: string): readonly SentMetric[] {
  switch (told.kind) {
    case "judged":
      return gaugesOf(told.report).flatMap(({ name, samples }) =>
        samples.map((sample): SentMetric => ({ type: "gauge", name, ...sample })),
      );
    case "phase_begun":
      return ofPhase(told.phase, scenario, [ACTIVE, ...totals(told.soFar)]);
    case "second":
      return ofPhase(told.phase, scenario, [
        ACTIVE,
        ...totals(told.soFar, told.traces),
        ...QUANTILES.flatMap((q) => {
          const ms = quantileOfSecond(told.second, q);
          return ms === null ? [] : [quantile(q, ms === "inf" ? ms : ms / 1000)];
        }),
      ]);
    case "event":
    case "traces":
      return [];
    case "phase_over":
      return ofPhase(told.phase, scenario, [
        ACTIVE,
        ...totals(NOTHING_YET),
        ...QUANTILES.map((q) => quantile(q, 0)),
      ]);
  }
}

const ACTIVE: SentMetric = { type: "gauge", name: "faultline_phase_active", labels: {}, value: 1 };

function totals(
  { outcomes, latency }: PhaseTotals,
  traces: readonly ToldTrace[] = [],
): readonly SentMetric[] {
  const examples = (of: Outcome, measured: (trace: ToldTrace) => number) =>
    traces
      .filter(({ outcome }) => outcome === of)
      .map((trace) => ({
        traceId: trace.traceId,
        value: measured(trace),
        atMs: trace.dueAtMs + trace.ms,
      }));
  return [
    ...OUTCOMES.map(
      (outcome): SentMetric => ({
        type: "counter",
        name: "faultline_requests_total",
        labels: { outcome },
        value: outcomes[outcome],
        exemplars: examples(outcome, () => 1),
      }),
    ),
    {
      type: "histogram",
      name: "faultline_request_duration_seconds",
      labels: {},
      value: latency,
      exemplars: examples("ok", ({ ms }) => ms / 1000),
    },
  ];
}

function quantile(q: number, value: number | "inf"): SentMetric {
  const name = "faultline_request_duration_quantile_seconds";
  return { type: "gauge", name, labels: { quantile: String(q) }, value };
}

function ofPhase(phase: ToldPhase, scenario: string, metrics: readonly SentMetric[]): readonly SentMetric[] {
  const { kind, id, fault, trial } = phase;
  const of = { scenario, phase: kind, id, fault: fault ?? "", trial: trial ?? "" };
  return metrics.map((metric) => ({ ...metric, labels: { ...of, ...metric.labels } }));
}
