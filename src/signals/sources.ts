import type { SignalEndpoint, SignalSpec } from "../plan/signals/signal-spec.js";
import type { SignalSource } from "./signal-source.js";

/** Every kind of source, by its key in the scenario. Each is imported only where a scenario has one. */
const SOURCES: Readonly<Record<SignalEndpoint["kind"], (spec: SignalSpec) => Promise<SignalSource>>> = {
  prometheus: async (spec) => new (await import("./prometheus/prometheus-source.js")).PrometheusSource(spec),
  metrics: async (spec) => (await import("./exposition/metrics-source.js")).metricsSource(spec),
  http: async (spec) => (await import("./http/http-source.js")).httpSource(spec),
};

export function openSource(spec: SignalSpec): Promise<SignalSource> {
  return SOURCES[spec.source.kind](spec);
}
