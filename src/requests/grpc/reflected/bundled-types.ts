import protobuf from "protobufjs";
import type { IFileDescriptorProto } from "protobufjs/ext/descriptor.js";

const PACKAGE = "google.protobuf";
const NAMES = ["any", "duration", "empty", "field_mask", "struct", "timestamp", "wrappers"];

/** Full names of the types that the parser brings, and the files that they are in. */
const FILES: ReadonlyMap<string, string> = new Map(
  NAMES.flatMap((name) => {
    const file = `google/protobuf/${name}.proto`;
    return typesIn(rootOf(file)).map((type) => [type.fullName, file] as const);
  }),
);

/** The file of a type that the parser brings. `fullName`: with a dot before it. @returns null when it brings none. */
export function bundledFileOf(fullName: string): string | null {
  return FILES.get(fullName) ?? null;
}

/** Descriptors of such a file. Fields have the names by which the parser looks for them. */
export function bundledDescriptors(file: string): readonly IFileDescriptorProto[] {
  const root = rootOf(file);
  root.resolveAll();
  const descriptors = root.toDescriptor("proto3").file;
  for (const { name, field = [] } of descriptors.flatMap(({ messageType = [] }) => messageType)) {
    const type = root.lookupType(`${PACKAGE}.${name}`);
    for (const one of field) if (one.jsonName && type.fields[one.jsonName]) one.name = one.jsonName;
  }
  return descriptors;
}

function rootOf(file: string): protobuf.Root {
  return protobuf.Root.fromJSON(protobuf.common.get(file) ?? {});
}

function typesIn(root: protobuf.Root): readonly protobuf.ReflectionObject[] {
  const namespace = root.lookup(PACKAGE);
  return namespace instanceof protobuf.Namespace ? namespace.nestedArray : [];
}
