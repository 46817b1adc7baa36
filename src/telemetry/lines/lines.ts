/** What was told, as lines of a log: one object each, with the fields of the Elastic Common Schema where it has one. */

import type { Latency, Report } from "../../analysis/document/report.js";
import { quantileOfSecond } from "../../measure/live/ended-seconds.js";
import type { ToldItem, ToldPhase } from "../told.js";

/** Nothing in it is an infinity or NaN, and a field has one type in all lines. */
export type Line = Readonly<Record<string, unknown>>;

const QUANTILES = { p50: 0.5, p90: 0.9, p99: 0.99, max: 1 } as const;

export function linesOf(told: ToldItem, scenario: string): readonly Line[] {
  const line = (dataset: string, fields: object, message?: string, more: object = {}): Line => ({
    "@timestamp": new Date(told.atMs).toISOString(),
    event: { dataset: `faultline.${dataset}` },
    ...(message === undefined ? {} : { message }),
    faultline: { scenario, ...fields },
    ...more,
  });
  switch (told.kind) {
    case "phase_begun":
      return [line("phase", { ...ofPhase(told.phase), state: "begun" })];
    case "phase_over":
      return [line("phase", { ...ofPhase(told.phase), state: "over" })];
    case "event":
      return [line("event", { kind: told.event.kind, at_s: told.event.atS }, told.event.text)];
    case "second": {
      const { outcomes, widthMs } = told.second;
      const latency = Object.entries(QUANTILES).map(
        ([name, q]) => [name, timeOf(quantileOfSecond(told.second, q))] as const,
      );
      return [
        line("second", {
          ...ofPhase(told.phase),
          width_s: widthMs / 1000,
          requests: outcomes,
          latency_ms: Object.fromEntries(latency),
        }),
      ];
    }
    case "traces":
      return told.traces.map(({ phase, request, outcome, reason, status, ms, traceId, dueAtMs }) =>
        line(
          "request",
          { ...(phase === null ? {} : ofPhase(phase)), request, outcome, status, ms },
          reason ?? undefined,
          { "@timestamp": new Date(dueAtMs).toISOString(), trace: { id: traceId } },
        ),
      );
    case "judged":
      return ofReport(told.report).map(({ dataset, fields, message }) => line(dataset, fields, message));
  }
}

function ofPhase({ id, kind, fault, trial }: ToldPhase): object {
  return { phase: kind, id, ...(fault === null ? {} : { fault }), ...(trial === null ? {} : { trial }) };
}

/** A failure is longer than any time: null, as no number says so. */
function timeOf(ms: Latency): number | null {
  return ms === "inf" ? null : ms;
}

function ofReport(report: Report): readonly { dataset: string; fields: object; message: string }[] {
  const { verdict, exitCode, score, durationS } = report;
  const run = {
    dataset: "run",
    fields: { verdict, exit_code: exitCode, score: score?.value ?? null, duration_s: durationS },
    message: report.reason,
  };
  const baseline = report.baseline.slos.map((slo) => sloLine(slo, null));
  const faults = report.faults.flatMap((fault) => [
    {
      dataset: "fault",
      fields: {
        fault: fault.name,
        verdict: fault.verdict,
        injected_at_s: fault.injectedAtS,
        removed_at_s: fault.removedAtS,
        recovery_s: fault.recovery.seconds,
      },
      message: fault.reason,
    },
    ...fault.slos.map((slo) => sloLine(slo, fault.name)),
  ]);
  return [run, ...baseline, ...faults];
}

function sloLine(slo: Report["baseline"]["slos"][number], fault: string | null) {
  const { expect, phase, verdict, observed, target, unit, reason } = slo;
  const fields = {
    slo: expect,
    phase,
    ...(fault === null ? {} : { fault }),
    verdict,
    observed: timeOf(observed),
    target: timeOf(target),
    unit,
  };
  return { dataset: "slo", fields, message: reason };
}
