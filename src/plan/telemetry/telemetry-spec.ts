/** Where a run tells of itself while it goes on: one for each key under `telemetry:`. */
export type TelemetrySpec = RemoteWriteSpec | OtlpSpec;

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

/** Where it is sent, as it may be shown but for secrets. */
export function destinationOf({ url }: TelemetrySpec): string {
  return shownUrl(url);
}

/** Without its query, which may hold a key. */
export function shownUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
