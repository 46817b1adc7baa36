import type { SignalSpec } from "../plan/signals/signal-spec.js";
import type { SignalSource, SignalSurroundings } from "./signal-source.js";

/** Opens the source of a signal, by its key in the scenario. Each kind is imported only where a scenario has one. */
export async function openSource(spec: SignalSpec, surroundings: SignalSurroundings): Promise<SignalSource> {
  const { source } = spec;
  switch (source.kind) {
    case "prometheus":
      return new (await import("./prometheus/prometheus-source.js")).PrometheusSource(
        spec,
        source,
        surroundings.quote,
      );
    case "metrics":
      return (await import("./exposition/metrics-source.js")).metricsSource(spec, source);
    case "http":
      return (await import("./http/http-source.js")).httpSource(spec, source, surroundings.quote);
    case "command":
      return (await import("./command/command-source.js")).commandSource(spec, source, surroundings);
    case "alerts":
      return (await import("./alerts/alert-source.js")).alertSource(spec, source);
  }
}
