import type { TelemetrySpec } from "../plan/telemetry/telemetry-spec.js";
import type { Exporter, ToldBy } from "./exporter.js";

/**
 * Opens what is behind a key of the scenario: an exporter for each place that it sends to. Each kind is imported only where
 * a scenario has one.
 */
export async function openExporters(spec: TelemetrySpec, run: ToldBy): Promise<readonly Exporter[]> {
  switch (spec.kind) {
    case "remoteWrite":
      return [(await import("./remote-write/remote-write-exporter.js")).remoteWriteExporter(spec, run)];
    case "pushgateway":
      return [(await import("./pushgateway/pushgateway-exporter.js")).pushgatewayExporter(spec, run)];
    case "grafana":
      return [(await import("./grafana/grafana-exporter.js")).grafanaExporter(spec, run)];
    case "elasticsearch":
      return [(await import("./elasticsearch/elasticsearch-exporter.js")).elasticsearchExporter(spec, run)];
    case "jsonLines": {
      if (run.folder === null) return [];
      return [(await import("./json-lines/json-lines-exporter.js")).jsonLinesExporter(run.folder, run)];
    }
    case "otlp":
      return (await import("./otlp/otlp-exporters.js")).otlpExporters(spec, run);
  }
}
