import type { TelemetryInput } from "../../scenario/schema/telemetry.js";
import type {
  ElasticsearchSpec,
  GrafanaSpec,
  OtlpSpec,
  RemoteWriteSpec,
  TelemetrySpec,
} from "./telemetry-spec.js";

export function buildTelemetry(input: TelemetryInput): readonly TelemetrySpec[] {
  const { remoteWrite, otlp, grafana, elasticsearch, jsonLines } = input;
  return [
    ...(remoteWrite === undefined ? [] : [buildRemoteWrite(remoteWrite)]),
    ...(otlp === undefined ? [] : [buildOtlp(otlp)]),
    ...(grafana === undefined ? [] : [buildGrafana(grafana)]),
    ...(elasticsearch === undefined ? [] : [buildElasticsearch(elasticsearch)]),
    ...(jsonLines ? [{ kind: "jsonLines" } as const] : []),
  ];
}

function buildRemoteWrite(input: NonNullable<TelemetryInput["remoteWrite"]>): RemoteWriteSpec {
  const { url, headers = {}, labels = {} } = typeof input === "string" ? { url: input } : input;
  return { kind: "remoteWrite", url, headers, labels };
}

function buildOtlp(input: NonNullable<TelemetryInput["otlp"]>): OtlpSpec {
  const { endpoint, headers = {} } = typeof input === "string" ? { endpoint: input } : input;
  return { kind: "otlp", url: endpoint, headers };
}

function buildGrafana(input: NonNullable<TelemetryInput["grafana"]>): GrafanaSpec {
  const { url, headers = {} } = typeof input === "string" ? { url: input } : input;
  return { kind: "grafana", url, headers };
}

const DEFAULT_INDEX = "faultline";

function buildElasticsearch(input: NonNullable<TelemetryInput["elasticsearch"]>): ElasticsearchSpec {
  const { url, index = DEFAULT_INDEX, headers = {} } = typeof input === "string" ? { url: input } : input;
  return { kind: "elasticsearch", url, index, headers };
}
