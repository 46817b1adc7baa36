import type { ClientTls } from "../../support/outside/bounded-request.js";

/** Where a run tells of itself while it goes on: one for each key under `telemetry:`. */
export type TelemetrySpec =
  | RemoteWriteSpec
  | OtlpSpec
  | PushgatewaySpec
  | GrafanaSpec
  | ElasticsearchSpec
  | JsonLinesSpec;

/** A server that is posted to. */
export interface TelemetryReceiver {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Not there: the scenario says nothing of TLS. */
  readonly tls?: ClientTls;
}

/** A server that takes Prometheus' remote write. */
export interface RemoteWriteSpec extends TelemetryReceiver {
  readonly kind: "remoteWrite";
  /** Labels of all series. */
  readonly labels: Readonly<Record<string, string>>;
}

/** A collector that takes OTLP over HTTP, at the paths /v1/metrics and /v1/traces below its URL. */
export interface OtlpSpec extends TelemetryReceiver {
  readonly kind: "otlp";
  /** false: it gets traces alone. */
  readonly metrics?: boolean;
}

/** Prometheus' Pushgateway. The path /metrics is below its URL. */
export interface PushgatewaySpec extends TelemetryReceiver {
  readonly kind: "pushgateway";
  /** Of the grouping key, beside `job` and `scenario`. */
  readonly labels: Readonly<Record<string, string>>;
}

/** The paths of its API are below its URL. */
export interface GrafanaSpec extends TelemetryReceiver {
  readonly kind: "grafana";
}

/** A server that takes Elasticsearch's bulk API, at the path /_bulk below its URL. */
export interface ElasticsearchSpec extends TelemetryReceiver {
  readonly kind: "elasticsearch";
  /** An index, or a data stream. */
  readonly index: string;
}

/** A file in the run's folder. */
export interface JsonLinesSpec {
  readonly kind: "jsonLines";
}

export const JSON_LINES_FILE = "telemetry.jsonl";

/** Where it is sent, as it may be shown but for secrets. */
export function destinationOf(spec: TelemetrySpec): string {
  return spec.kind === "jsonLines" ? `${JSON_LINES_FILE} in the run's folder` : shownUrl(spec.url);
}

/** Without its query, which may hold a key. */
export function shownUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
