import path from "node:path";
import protobuf from "protobufjs";
import { countOf } from "../../../support/count-of.js";
import type { RequestFile, RequestFiles } from "../../request-files.js";
import type { ProtoFiles } from "../grpc-request.js";
import { addProto, isBundled, type ProtoImport } from "./parse-protos.js";
import { ProtoProblem } from "./proto-problem.js";

/** How the names of all such files end. */
export const PROTO = ".proto";
/** Imports of imports. */
const MOST_FILES = 500;

/** They are imported for options, which say nothing of what is sent. */
const FOR_OPTIONS =
  /^google\/(?:api\/(?:annotations|http|client|field_behavior|resource)|protobuf\/descriptor)\.proto$/;

/**
 * Reads a .proto file and all that it imports: from beside the file that says so, from beside the first one, or from
 * `folders`. @returns null after a complaint. @throws ProtoProblem.
 */
export async function readProtos(
  first: RequestFile,
  folders: readonly string[],
  files: RequestFiles,
): Promise<ProtoFiles | null> {
  const found = new Map<string, RequestFile>([[first.path, first]]);
  const bundled = new Set<string>();
  // A map may grow while it is gone through.
  for (const file of found.values()) {
    for (const imported of addProto(new protobuf.Root(), file)) {
      if (isBundled(imported.name)) {
        bundled.add(imported.name);
        continue;
      }
      const around = [path.dirname(file.path), path.dirname(first.path), ...folders];
      const read = await readImport(imported, file, around, files);
      if (read === "nowhere") continue;
      if (read === null) return null;
      found.set(read.path, read);
      if (found.size > MOST_FILES) {
        throw new ProtoProblem(
          file,
          imported.stretch,
          `more than ${countOf(MOST_FILES, "file")} are imported`,
        );
      }
    }
  }
  return { files: [...found.values()], bundled: [...bundled] };
}

async function readImport(
  { name, stretch }: ProtoImport,
  by: RequestFile,
  folders: readonly string[],
  files: RequestFiles,
): Promise<RequestFile | "nowhere" | null> {
  const paths = [...new Set(folders.map((folder) => path.resolve(folder, name)))];
  const read = await files.readFirst(paths, by, stretch, PROTO);
  if (read !== "nowhere" || FOR_OPTIONS.test(name)) return read;
  throw new ProtoProblem(
    by,
    stretch,
    `there is no ${name} beside this file, nor beside the one that the request names`,
    "Give the folder that it is in: `imports: [FOLDER]`, beside `proto`.",
  );
}
