import type { TelemetrySpec } from "../plan/telemetry/telemetry-spec.js";
import type { Exporter, ToldBy } from "./exporter.js";

/**
 * Opens what is behind a key of the scenario: an exporter for each URL that it sends to. Each kind is imported only where
 * a scenario has one.
 */
export async function openExporters(spec: TelemetrySpec, run: ToldBy): Promise<readonly Exporter[]> {
  switch (spec.kind) {
    case "remoteWrite":
      return [(await import("./remote-write/remote-write-exporter.js")).remoteWriteExporter(spec, run)];
    case "otlp":
      return (await import("./otlp/otlp-exporters.js")).otlpExporters(spec, run);
  }
}
