import type { Scenario } from "../../scenario/read-scenario.js";
import type { TelemetryInput } from "../../scenario/schema/telemetry.js";
import { buildTls } from "../client-tls.js";
import type {
  ElasticsearchSpec,
  GrafanaSpec,
  OtlpSpec,
  PushgatewaySpec,
  RemoteWriteSpec,
  TelemetryReceiver,
  TelemetrySpec,
} from "./telemetry-spec.js";

type Files = Scenario["telemetryTls"];
type Input<Key extends keyof TelemetryInput> = NonNullable<TelemetryInput[Key]>;

/** `files`: certificates and keys, by the receiver's key. */
export function buildTelemetry(input: TelemetryInput, files: Files): readonly TelemetrySpec[] {
  const { remoteWrite, otlp, pushgateway, grafana, elasticsearch, jsonLines } = input;
  return [
    ...(remoteWrite === undefined ? [] : [buildRemoteWrite(remoteWrite, files)]),
    ...(otlp === undefined ? [] : [buildOtlp(otlp, files)]),
    ...(pushgateway === undefined ? [] : [buildPushgateway(pushgateway, files)]),
    ...(grafana === undefined ? [] : [buildGrafana(grafana, files)]),
    ...(elasticsearch === undefined ? [] : [buildElasticsearch(elasticsearch, files)]),
    ...(jsonLines ? [{ kind: "jsonLines" } as const] : []),
  ];
}

function buildRemoteWrite(input: Input<"remoteWrite">, files: Files): RemoteWriteSpec {
  const { url, labels = {}, ...rest } = typeof input === "string" ? { url: input } : input;
  return { kind: "remoteWrite", ...receiver(url, rest, files.remoteWrite), labels };
}

function buildOtlp(input: Input<"otlp">, files: Files): OtlpSpec {
  const { endpoint, metrics = true, ...rest } = typeof input === "string" ? { endpoint: input } : input;
  return { kind: "otlp", ...receiver(endpoint, rest, files.otlp), ...(metrics ? {} : { metrics }) };
}

function buildPushgateway(input: Input<"pushgateway">, files: Files): PushgatewaySpec {
  const { url, labels = {}, ...rest } = typeof input === "string" ? { url: input } : input;
  return { kind: "pushgateway", ...receiver(url, rest, files.pushgateway), labels };
}

function buildGrafana(input: Input<"grafana">, files: Files): GrafanaSpec {
  const { url, ...rest } = typeof input === "string" ? { url: input } : input;
  return { kind: "grafana", ...receiver(url, rest, files.grafana) };
}

const DEFAULT_INDEX = "faultline";

function buildElasticsearch(input: Input<"elasticsearch">, files: Files): ElasticsearchSpec {
  const { url, index = DEFAULT_INDEX, ...rest } = typeof input === "string" ? { url: input } : input;
  return { kind: "elasticsearch", ...receiver(url, rest, files.elasticsearch), index };
}

function receiver(
  url: string,
  { headers = {}, tls }: Pick<Exclude<Input<"remoteWrite">, string>, "headers" | "tls">,
  files: Files[string] | undefined,
): TelemetryReceiver {
  const spoken = buildTls(tls, files);
  return { url, headers, ...(spoken ? { tls: spoken } : {}) };
}
