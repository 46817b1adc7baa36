import type { CommandAsk } from "../plan/checks/check-spec.js";
import type { AlertEndpoint, SignalEndpoint, SignalSpec } from "../plan/signals/signal-spec.js";
import type { SignalSource, SignalSurroundings } from "./signal-source.js";

type Opens<Source> = (
  spec: SignalSpec,
  source: Source,
  surroundings: SignalSurroundings,
) => Promise<SignalSource>;

/** By the key of the URL in the scenario. Each is imported only where a scenario has one. */
const AT_URLS: Readonly<Record<SignalEndpoint["kind"], Opens<SignalEndpoint>>> = {
  prometheus: async (...of) => (await import("./prometheus/prometheus-source.js")).prometheusSource(...of),
  metrics: async (spec, at) => (await import("./exposition/metrics-source.js")).metricsSource(spec, at),
  http: async (...of) => (await import("./http/http-source.js")).httpSource(...of),
};

const ofCommand: Opens<CommandAsk> = async (...of) =>
  (await import("./command/command-source.js")).commandSource(...of);

const ofAlert: Opens<AlertEndpoint> = async (spec, at) =>
  (await import("./alerts/alert-source.js")).alertSource(spec, at);

/** Opens the source of a signal. */
export function openSource(spec: SignalSpec, surroundings: SignalSurroundings): Promise<SignalSource> {
  const { source } = spec;
  if (source.kind === "command") return ofCommand(spec, source, surroundings);
  if (source.kind === "alerts") return ofAlert(spec, source, surroundings);
  return AT_URLS[source.kind](spec, source, surroundings);
}
