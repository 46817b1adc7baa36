import type { ValidParts } from "../../../quantities/valid-parts.js";
import type { RequestFiles } from "../../request-files.js";
import { hasSlots, literalText } from "../../template-text.js";
import type { GrpcRequestInput } from "../keys.js";
import type { ReadCall } from "../read-call.js";
import { parseProtos } from "./parse-protos.js";
import { ProtoProblem } from "./proto-problem.js";
import { readMethod } from "./read-method.js";
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
