import type protobuf from "protobufjs";
import type { Complaint } from "../../../notation/complaint.js";
import type { ValidParts } from "../../../quantities/valid-parts.js";
import type { GrpcMethod } from "../grpc-request.js";
import type { GrpcRequestInput } from "../keys.js";
import type { KnownPath, ReadCall } from "../read-call.js";
import { checkMessage } from "./check-message.js";
import { findMethod } from "./find-method.js";
import { messagePath } from "./message-path.js";

/** Holds a call against the definitions of its messages. `name`: "shop.Quotes/Get". */
export function readMethod(
  request: ValidParts<GrpcRequestInput>,
  root: protobuf.Root,
  protos: ReadCall["protos"],
  name: string,
): ReadCall {
  const method = findMethod(root, name);
  if ("message" in method) {
    const complaint: Complaint = { code: "unknown-name", path: ["grpc", "method"], at: "value", ...method };
    return { protos, method: null, complaints: [complaint], slots: [], paths: [] };
  }
  const { message, messages } = request.grpc ?? {};
  const sent: readonly (readonly [value: unknown, path: Complaint["path"]])[] = [
    ...(message === undefined ? [] : [[message, ["grpc", "message"]] as const]),
    ...(messages ?? []).map((one, index) => [one, ["grpc", "messages", index]] as const),
  ];
  const takes = root.lookupType(method.takes);
  const checked = sent
    .filter(([value]) => value !== undefined)
    .map(([value, path]) => checkMessage(takes, value, path));
  return {
    protos,
    method,
    complaints: checked.flatMap(({ complaints }) => complaints),
    slots: checked.flatMap(({ slots }) => slots),
    paths: pathsOf(request, root, method),
  };
}

/** All JSON paths into the answer. */
function pathsOf(
  { expect, degraded, capture = {} }: ValidParts<GrpcRequestInput>,
  root: protobuf.Root,
  { gives, givesStream }: GrpcMethod,
): readonly KnownPath[] {
  const type = root.lookupType(gives);
  const written = [
    ...Object.keys(expect?.message ?? {}),
    ...Object.keys(degraded?.message ?? {}),
    ...Object.values(capture).flatMap((one) => one?.message ?? []),
  ];
  return [...new Set(written)].map((text) => ({ written: text, ...messagePath(type, givesStream, text) }));
}
