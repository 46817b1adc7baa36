import type protobuf from "protobufjs";
import type { ProtoFiles, ReflectedFiles } from "../grpc-request.js";
import { descriptorRoot } from "../reflected/descriptor-root.js";
import { readFileDescriptor } from "../reflected/file-descriptor.js";
import { parseProtos } from "./parse-protos.js";

/** The types of a planned call. Its files have been read before. */
export function typesOf(protos: ProtoFiles | ReflectedFiles): protobuf.Root {
  if (!("descriptors" in protos)) return parseProtos(protos);
  return descriptorRoot(
    protos.descriptors.map((base64) => readFileDescriptor(Buffer.from(base64, "base64"))),
  );
}
