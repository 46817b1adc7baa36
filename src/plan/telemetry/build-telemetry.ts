import type { TelemetryInput } from "../../scenario/schema/telemetry.js";
import type { RemoteWriteSpec, TelemetrySpec } from "./telemetry-spec.js";

export function buildTelemetry({ remoteWrite }: TelemetryInput): readonly TelemetrySpec[] {
  return remoteWrite === undefined ? [] : [buildRemoteWrite(remoteWrite)];
}

function buildRemoteWrite(input: NonNullable<TelemetryInput["remoteWrite"]>): RemoteWriteSpec {
  const { url, headers = {}, labels = {} } = typeof input === "string" ? { url: input } : input;
  return { kind: "remoteWrite", url, headers, labels };
}
