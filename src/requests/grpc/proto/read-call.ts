import type protobuf from "protobufjs";
import type { Complaint } from "../../../notation/complaint.js";
import type { ValidParts } from "../../../quantities/valid-parts.js";
import type { RequestFiles } from "../../request-files.js";
import { hasSlots, literalText } from "../../template-text.js";
import type { GrpcMethod, ProtoFiles } from "../grpc-request.js";
import type { GrpcRequestInput } from "../keys.js";
import type { KnownPath, ReadCall } from "../read-call.js";
import { checkMessage } from "./check-message.js";
import { findMethod } from "./find-method.js";
import { messagePath } from "./message-path.js";
import { parseProtos } from "./parse-protos.js";
import { ProtoProblem } from "./proto-problem.js";
import { PROTO, readProtos } from "./read-protos.js";

/** Reads the files that a call names, and holds the call against them. @returns null after a complaint. */
export async function readCall(
  request: ValidParts<GrpcRequestInput>,
  files: RequestFiles,
): Promise<ReadCall | null> {
  const { proto, imports = [], method } = request.grpc ?? {};
  // Where values of each request stand, there is no one file. It has a complaint.
  if ([proto, method, ...imports].some((text) => text === undefined || hasSlots(text))) return null;
  if (proto === undefined || method === undefined) return null;
  const first = await files.read(["grpc", "proto"], literalText(proto), PROTO);
  if (first === null) return null;
  try {
    const folders = imports.flatMap((folder, index) =>
      folder === undefined ? [] : files.pathOf(["grpc", "imports", index], literalText(folder)),
    );
    const protos = await readProtos(first, folders, files);
    if (protos === null) return null;
    const root = parseProtos(protos);
    return readMethod(request, root, protos, literalText(method));
  } catch (error) {
    if (!(error instanceof ProtoProblem)) throw error;
    files.complain(error.file, error.stretch, error.message, error.help);
    return null;
  }
}

function readMethod(
  request: ValidParts<GrpcRequestInput>,
  root: protobuf.Root,
  protos: ProtoFiles,
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
