/** Where a run tells of itself while it goes on: one for each key under `telemetry:`. */
export type TelemetrySpec = RemoteWriteSpec | OtlpSpec | GrafanaSpec | ElasticsearchSpec | JsonLinesSpec;

/** A server that takes Prometheus' remote write. */
export interface RemoteWriteSpec {
  readonly kind: "remoteWrite";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Labels of all series. */
  readonly labels: Readonly<Record<string, string>>;
}

/** A collector that takes OTLP over HTTP. */
export interface OtlpSpec {
  readonly kind: "otlp";
  /** The paths /v1/metrics and /v1/traces are below it. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface GrafanaSpec {
  readonly kind: "grafana";
  /** The paths of its API are below it. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A server that takes Elasticsearch's bulk API. */
export interface ElasticsearchSpec {
  readonly kind: "elasticsearch";
  /** The path /_bulk is below it. */
  readonly url: string;
  /** An index, or a data stream. */
  readonly index: string;
  readonly headers: Readonly<Record<string, string>>;
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
