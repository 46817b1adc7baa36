import { grpcStatusCode } from "../../support/names/grpc-status.js";
import {
  type AskedCall,
  GRPC_REQUEST,
  type GrpcCapture,
  type GrpcExpectation,
  type GrpcRequest,
} from "./grpc-request.js";
import type { GrpcRequestInput } from "./keys.js";
import type { ReadCall } from "./read-call.js";
import { capturedFields } from "./slot-complaints.js";

/** `common`: metadata of all calls. `call`: null where no file says what the call comes to. */
export function planGrpcRequest(
  name: string,
  said: GrpcRequestInput,
  common: Readonly<Record<string, string>>,
  call: ReadCall | null,
): GrpcRequest | AskedCall {
  if (call !== null || said.grpc.proto !== undefined) return planReadCall(name, said, common, call);
  return {
    name,
    kind: GRPC_REQUEST,
    ...(said.degraded ? { tellsDegraded: true } : {}),
    ...buildStream(said.stream),
    asks: { said, common },
  };
}

/** `call`: what its definitions say of it. */
export function planReadCall(
  name: string,
  { grpc, expect, degraded, stream, capture }: GrpcRequestInput,
  common: Readonly<Record<string, string>>,
  call: ReadCall | null,
): GrpcRequest {
  // The checks have refused such a scenario.
  if (!call?.method) throw new Error(`the method of "${name}" is not known`);
  const { method, protos, paths, slots } = call;
  const pathOf = (written: string) => {
    const known = paths.find((one) => one.written === written);
    if (known === undefined || !("path" in known)) throw new Error(`"${written}" leads to nothing`);
    return known.path;
  };
  const expected = buildExpected(expect, pathOf, [0]);
  return {
    name,
    kind: GRPC_REQUEST,
    method,
    protos,
    messages: grpc.messages ?? [grpc.message ?? {}],
    captured: capturedFields(slots),
    metadata: lowerCase({ ...common, ...grpc.metadata }),
    expect: expected,
    ...(degraded
      ? { tellsDegraded: true, degraded: buildExpected(degraded, pathOf, expected.statuses) }
      : {}),
    ...buildStream(stream),
    ...(capture ? { capture: buildCaptured(capture, pathOf) } : {}),
  };
}

function buildStream(
  stream: GrpcRequestInput["stream"],
): Pick<GrpcRequest, "stream" | "streams" | "timeoutMs"> {
  if (stream === undefined) return {};
  const { events, firstEvent, within } = stream;
  return {
    streams: true,
    stream: { events: events ?? null, firstEventMs: firstEvent?.ms ?? null },
    ...(within ? { timeoutMs: within.ms } : {}),
  };
}

function buildExpected(
  answer: GrpcRequestInput["expect"],
  pathOf: (written: string) => string,
  usual: readonly number[],
): GrpcExpectation {
  const { grpc, message = {}, metadata = {} } = answer ?? {};
  return {
    statuses: grpc === undefined ? usual : [grpc].flat().map(grpcStatusCode),
    message: Object.fromEntries(Object.entries(message).map(([path, wanted]) => [pathOf(path), wanted])),
    metadata: lowerCase(metadata),
  };
}

function buildCaptured(
  captures: NonNullable<GrpcRequestInput["capture"]>,
  pathOf: (written: string) => string,
): readonly GrpcCapture[] {
  return Object.entries(captures).map(
    ([name, { message, metadata = "" }]): GrpcCapture => ({
      name,
      from:
        message === undefined
          ? { kind: "metadata", name: metadata.toLowerCase() }
          : { kind: "message", path: pathOf(message) },
    }),
  );
}

/** The last one of names that differ only in case counts. */
function lowerCase<T>(values: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name.toLowerCase(), value]));
}
