import protobuf from "protobufjs";

/** The messages of grpc.reflection.v1, as far as they are needed. v1alpha has the same. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Question {
    oneof message_request {
      string file_by_filename = 3;
      string file_containing_symbol = 4;
      string list_services = 7;
    }
  }
  message Reply {
    oneof message_response {
      Files file_descriptor_response = 4;
      Services list_services_response = 6;
      Refusal error_response = 7;
    }
  }
  message Files { repeated bytes file_descriptor_proto = 1; }
  message Services { repeated Service service = 1; }
  message Service { string name = 1; }
  message Refusal { int32 error_code = 1; string error_message = 2; }
`);
const QUESTION = root.lookupType("Question");
const REPLY = root.lookupType("Reply");

export type ReflectionQuestion =
  | { readonly fileByFilename: string }
  | { readonly fileContainingSymbol: string }
  | { readonly listServices: string };

export type ReflectionReply =
  | { readonly kind: "files"; readonly files: readonly Uint8Array[] }
  | { readonly kind: "services"; readonly names: readonly string[] }
  /** `code`: a status of gRPC. */
  | { readonly kind: "refusal"; readonly code: number; readonly text: string };

export function encodeQuestion(question: ReflectionQuestion): Uint8Array {
  return QUESTION.encode(QUESTION.create({ ...question })).finish();
}

/** @returns null when it is none. */
export function decodeReply(bytes: Uint8Array): ReflectionReply | null {
  let reply: Readonly<Record<string, unknown>>;
  try {
    reply = REPLY.toObject(REPLY.decode(bytes), { arrays: true, defaults: true, oneofs: true });
  } catch {
    return null;
  }
  // Each is what the type above makes of it.
  switch (reply.messageResponse) {
    case "fileDescriptorResponse": {
      const { fileDescriptorProto } = reply.fileDescriptorResponse as { fileDescriptorProto: Uint8Array[] };
      return { kind: "files", files: fileDescriptorProto };
    }
    case "listServicesResponse": {
      const { service } = reply.listServicesResponse as { service: { name: string }[] };
      return { kind: "services", names: service.map(({ name }) => name) };
    }
    case "errorResponse": {
      const refusal = reply.errorResponse as { errorCode: number; errorMessage: string };
      return { kind: "refusal", code: refusal.errorCode, text: refusal.errorMessage };
    }
    default:
      return null;
  }
}
