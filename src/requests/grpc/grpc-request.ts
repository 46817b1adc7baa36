import type { Conditions, PlainValue } from "../answers/expectation.js";
import type { PlannedRequest } from "../planned-request.js";
import type { RequestFile } from "../request-files.js";
import type { StreamPlan } from "../stream-plan.js";
import type { GrpcRequestInput } from "./keys.js";
import type { CapturedField } from "./slot-complaints.js";

export const GRPC_REQUEST = "grpc";

/** A call of a method, with all messages that are sent. Its answer is whole when the status has come. */
export interface GrpcRequest extends PlannedRequest {
  readonly kind: typeof GRPC_REQUEST;
  readonly method: GrpcMethod;
  readonly protos: ProtoFiles | ReflectedFiles;
  /** Each as JSON (see proto/), in their order. Texts may hold ${…}, and are read as templates. */
  readonly messages: readonly unknown[];
  /** Captured values that stand in fields which are no text. */
  readonly captured: readonly CapturedField[];
  /** Names in lower case. Values may hold ${…}. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly expect: GrpcExpectation;
  /** What makes an answer a fallback. Missing: nothing does. */
  readonly degraded?: GrpcExpectation;
  /** Its messages are timed. */
  readonly stream?: StreamPlan;
  /** What later steps of its journey take from the answer. */
  readonly capture?: readonly GrpcCapture[];
}

export function isGrpcRequest(request: PlannedRequest): request is GrpcRequest {
  return request.kind === GRPC_REQUEST && "method" in request;
}

/** A call that names no file. Before the run the target is asked for its definitions, and it becomes a `GrpcRequest`. */
export interface AskedCall extends PlannedRequest {
  readonly kind: typeof GRPC_REQUEST;
  readonly asks: {
    readonly said: GrpcRequestInput;
    /** Metadata of all calls. */
    readonly common: Readonly<Record<string, string>>;
  };
}

export function isAskedCall(request: PlannedRequest): request is AskedCall {
  return request.kind === GRPC_REQUEST && "asks" in request && request.asks !== undefined;
}

export interface GrpcMethod {
  /** "/shop.Quotes/Get" */
  readonly path: string;
  /** Full names of messages: "shop.QuoteRequest". */
  readonly takes: string;
  readonly gives: string;
  readonly takesStream: boolean;
  readonly givesStream: boolean;
}

/** Definitions of messages and services: all files that are needed. */
export interface ProtoFiles {
  readonly files: readonly RequestFile[];
  /** Names of those that come with the parser. */
  readonly bundled: readonly string[];
}

/** Definitions that the target has given of itself: all files that are needed. */
export interface ReflectedFiles {
  /** Calls of one service share their definitions. */
  readonly service: string;
  /** Each is a FileDescriptorProto as base64: plain data crosses threads and machines. */
  readonly descriptors: readonly string[];
}

/** What makes an answer `ok`. */
export interface GrpcExpectation {
  /** Status codes. */
  readonly statuses: readonly number[];
  /** JSON path → the value it must have, or conditions. Names are those of JSON. */
  readonly message: Readonly<Record<string, PlainValue | Conditions>>;
  /** Name (lower case) → text that its value must contain, or conditions. */
  readonly metadata: Readonly<Record<string, string | Conditions>>;
}

export interface GrpcCapture {
  readonly name: string;
  readonly from:
    | { readonly kind: "message"; readonly path: string }
    | { readonly kind: "metadata"; readonly name: string };
}
