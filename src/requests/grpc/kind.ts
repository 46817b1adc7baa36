import { requestKind } from "../request-kind.js";
import { grpcComplaints } from "./complaints.js";
import { type AskedCall, GRPC_REQUEST, type GrpcRequest, isAskedCall } from "./grpc-request.js";
import { grpcKeys, grpcStepKeys } from "./keys.js";
import { metadataComplaints } from "./metadata-complaints.js";
import { planGrpcRequest } from "./plan-request.js";
import type { ReadCall } from "./read-call.js";

/** Calls of gRPC: of a method that takes and gives a message or a stream of them. */
export const grpcRequests = requestKind({
  name: GRPC_REQUEST,
  key: "grpc",
  schemes: [
    { name: "http", isTls: false },
    { name: "https", isTls: true },
  ],
  keys: grpcKeys,
  stepKeys: grpcStepKeys,
  varying: ["grpc"],
  textMaps: ["metadata"],
  verbatim: ["message", "messages"],
  without: ["cookies", "follow", "auth"],
  needsHttp2: true,
  usualName: (textAt) => textAt(["grpc", "method"], "grpc")?.replace(/^\//, "") ?? null,
  readFiles: async (request, files) =>
    request.grpc?.proto === undefined
      ? null
      : (await import("./proto/read-call.js")).readCall(request, files),
  check: (request, said, call: ReadCall | null) => grpcComplaints(request, said, call),
  checkHeaders: metadataComplaints,
  plan: (name, request, headers, call: ReadCall | null): GrpcRequest | AskedCall =>
    planGrpcRequest(name, request, headers, call),
  describe: (call) =>
    isAskedCall(call) ? call.asks.said.grpc.method.replace(/^\//, "") : call.method.path.slice(1),
  leftToTarget: (call) =>
    isAskedCall(call) ? "its service, its messages and the fields of its answers" : null,
});
