import type { ValidParts } from "../../../quantities/valid-parts.js";
import type { RequestFiles } from "../../request-files.js";
import { hasSlots, literalText } from "../../template-text.js";
import type { HttpRequestInput } from "../keys.js";

/** Bytes of the files that a request names. null: there is none, it is no file that could be read, or its name varies. */
export interface ReadBodies {
  readonly body: Uint8Array | null;
  /** Of each field of a form, in their order. */
  readonly parts: readonly (Uint8Array | null)[];
}

/** Reads them. A request that names none needs no reading. */
export async function readBodies(
  { body, multipart = [] }: ValidParts<HttpRequestInput>,
  files: RequestFiles,
): Promise<ReadBodies> {
  const read = async (at: readonly (string | number)[], file: string | undefined) =>
    file === undefined || hasSlots(file) ? null : files.readBytes(at, literalText(file));
  const own = await read(["body", "file"], typeof body === "object" ? body.file : undefined);
  const parts: (Uint8Array | null)[] = [];
  for (const [index, part] of multipart.entries()) {
    parts.push(await read(["multipart", index, "file"], part?.file));
  }
  return { body: own, parts };
}
