import { createHash } from "node:crypto";
import path from "node:path";
import { FaultlineError, hasCode, messageOf } from "../../support/errors.js";
import { UnfitFile } from "../../support/read-regular-file.js";
import { Source } from "../text/source.js";
import type { FileAccess } from "./file-access.js";
import { LARGEST_FILE_BYTES } from "./yaml.js";

/**
 * The text of a file that people write.
 * @param name its name in complaints.
 * @param what its kind in complaints.
 * @throws FaultlineError FILE_NOT_FOUND, FILE_UNREADABLE.
 */
export async function readSource(
  absolute: string,
  name: string,
  access: FileAccess,
  what = "a scenario",
): Promise<{ source: Source; sha256: string }> {
  const refuse = (why: string, cause?: unknown) =>
    new FaultlineError("FILE_UNREADABLE", `${name} ${why}`, { cause });
  let bytes: Buffer;
  try {
    bytes = await access.read(absolute, { mostBytes: LARGEST_FILE_BYTES, beyond: "refuse" });
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) {
      throw new FaultlineError("FILE_NOT_FOUND", `${name} does not exist`);
    }
    if (error instanceof UnfitFile && error.sizeBytes !== null) {
      const size = `${(error.sizeBytes / 1e6).toFixed(1)} MB`;
      throw refuse(`is ${size}; ${what} may have ${LARGEST_FILE_BYTES / 1e6} MB`, error);
    }
    throw refuse(`cannot be read: ${messageOf(error)}`, error);
  }
  try {
    // Takes a byte order mark off, and refuses what is not UTF-8.
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return { source: new Source(name, text, path.dirname(absolute)), sha256 };
  } catch (error) {
    throw refuse("is not UTF-8 text; save it as UTF-8", error);
  }
}
