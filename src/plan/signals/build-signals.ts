import type { Scenario } from "../../scenario/read-scenario.js";
import type { SignalInput } from "../../scenario/schema/signal.js";
import { SIGNAL_URLS, signalKindOf } from "../../scenario/signals/kinds.js";
import { metricOf } from "../../slo/metrics/index.js";
import type { Slo } from "../../slo/slo.js";
import type { CommandAsk } from "../checks/check-spec.js";
import { buildTls } from "../client-tls.js";
import { nameOfAlertSignal, type SignalEndpoint, type SignalReads, type SignalSpec } from "./signal-spec.js";

/** Whatever has no times of its own is asked this often. */
const POLLED_EVERY_MS = 1000;

/** Those of the scenario, and the alerts that its SLOs name. */
export function buildSignals(scenario: Scenario, slos: readonly Slo[]): readonly SignalSpec[] {
  return [...scenarioSignals(scenario), ...watchedAlerts(scenario, slos)];
}

function watchedAlerts({ data, alertTls }: Scenario, slos: readonly Slo[]): readonly SignalSpec[] {
  const { alerts } = data;
  if (!alerts) return [];
  const names = new Set(slos.flatMap(({ metric }) => metricOf(metric).alert?.name ?? []));
  const { prometheus = null, alertmanager = null, headers = {}, every, timeout } = alerts;
  const tls = buildTls(alerts.tls, alertTls);
  return [...names].map((alert) => ({
    name: nameOfAlertSignal(alert),
    source: { kind: "alerts", alert, prometheus, alertmanager, headers, tls },
    reads: { of: "values", value: alert },
    everyMs: every.ms,
    timeoutMs: timeout.ms,
  }));
}

function scenarioSignals({ data, signalFolders, signalTls, folder }: Scenario): readonly SignalSpec[] {
  return Object.entries(data.signals).map(([name, signal]) => {
    const source = buildCommand(signal, signalFolders[name] ?? folder) ?? {
      ...buildEndpoint(signal),
      tls: buildTls(signal.tls, signalTls[name]),
    };
    return {
      name,
      source,
      reads: buildReads(signal),
      everyMs: signal.every?.ms ?? (signalKindOf(source.kind)?.hasOwnTimes ? null : POLLED_EVERY_MS),
      timeoutMs: signal.timeout.ms,
    };
  });
}

/** @returns null when no command is asked. */
function buildCommand({ run, shell, env = {} }: SignalInput, cwd: string): CommandAsk | null {
  if (run === undefined) return null;
  // A text is one command for a shell. Commands without a shell are already split.
  return { kind: "command", command: typeof run === "string" ? [run] : run, shell, env, cwd };
}

/** @throws Error when it has no URL: the scenario's checks refuse that. */
function buildEndpoint(signal: SignalInput): Omit<SignalEndpoint, "tls"> {
  const { headers = {} } = signal;
  for (const kind of SIGNAL_URLS) {
    const url = signal[kind];
    if (url !== undefined) return { kind, url, headers };
  }
  throw new Error("a signal has no place where it is read");
}

function buildReads({ bad, total, value }: SignalInput): SignalReads {
  return bad === undefined || total === undefined
    ? { of: "values", value: value ?? "" }
    : { of: "counts", bad, total };
}
