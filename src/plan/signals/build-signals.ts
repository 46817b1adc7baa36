import type { Scenario } from "../../scenario/read-scenario.js";
import type { SignalInput } from "../../scenario/schema/signal.js";
import { metricOf } from "../../slo/metrics/index.js";
import type { Slo } from "../../slo/slo.js";
import { nameOfAlertSignal } from "./alert-signal.js";
import type { SignalEndpoint, SignalReads, SignalSpec } from "./signal-spec.js";

/** Whatever has no times of its own is asked this often. */
const POLLED_EVERY_MS = 1000;

/** Those of the scenario, and the alerts that its SLOs name. */
export function buildSignals({ data }: Scenario, slos: readonly Slo[]): readonly SignalSpec[] {
  return [...scenarioSignals(data), ...watchedAlerts(data, slos)];
}

function watchedAlerts({ alerts }: Scenario["data"], slos: readonly Slo[]): readonly SignalSpec[] {
  if (!alerts) return [];
  const names = new Set(slos.flatMap(({ metric }) => metricOf(metric).alert?.name ?? []));
  const { prometheus = null, alertmanager = null, headers = {}, every, timeout } = alerts;
  return [...names].map((alert) => ({
    name: nameOfAlertSignal(alert),
    source: { kind: "alerts", alert, prometheus, alertmanager, headers },
    reads: { of: "values", value: alert },
    everyMs: every.ms,
    timeoutMs: timeout.ms,
  }));
}

function scenarioSignals(data: Scenario["data"]): readonly SignalSpec[] {
  return Object.entries(data.signals).map(([name, signal]) => {
    const source = buildSource(signal);
    return {
      name,
      source,
      reads: buildReads(signal),
      everyMs: signal.every?.ms ?? (source.kind === "prometheus" ? null : POLLED_EVERY_MS),
      timeoutMs: signal.timeout.ms,
    };
  });
}

/** The scenario's checks refuse one that has none of the three. */
function buildSource({ prometheus, metrics, http, headers = {} }: SignalInput): SignalEndpoint {
  if (prometheus !== undefined) return { kind: "prometheus", url: prometheus, headers };
  if (metrics !== undefined) return { kind: "metrics", url: metrics, headers };
  return { kind: "http", url: http ?? "", headers };
}

function buildReads({ bad, total, value }: SignalInput): SignalReads {
  return bad === undefined || total === undefined
    ? { of: "values", value: value ?? "" }
    : { of: "counts", bad, total };
}
