import type { TelemetryInput } from "../../scenario/schema/telemetry.js";
import type { OtlpSpec, RemoteWriteSpec, TelemetrySpec } from "./telemetry-spec.js";

export function buildTelemetry({ remoteWrite, otlp }: TelemetryInput): readonly TelemetrySpec[] {
  return [
    ...(remoteWrite === undefined ? [] : [buildRemoteWrite(remoteWrite)]),
    ...(otlp === undefined ? [] : [buildOtlp(otlp)]),
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
