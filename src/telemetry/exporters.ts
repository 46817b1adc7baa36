import type { TelemetrySpec } from "../plan/telemetry/telemetry-spec.js";
import type { Exporter } from "./exporter.js";

/**
 * Opens what is behind a key of the scenario: an exporter for each URL that it sends to. Each kind is imported only where
 * a scenario has one.
 * @param scenario the scenario's name, as it may be shown.
 */
export async function openExporters(spec: TelemetrySpec, scenario: string): Promise<readonly Exporter[]> {
  switch (spec.kind) {
    case "remoteWrite":
      return [(await import("./remote-write/remote-write-exporter.js")).remoteWriteExporter(spec, scenario)];
  }
}
