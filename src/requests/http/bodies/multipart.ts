import { createHash } from "node:crypto";
import path from "node:path";
import type { BodyPiece } from "./body-piece.js";
import type { MultipartInput } from "./body-schema.js";
import { contentTypeOf } from "./content-types.js";
import { quotedName } from "./quoted-name.js";

export interface MultipartBody {
  /** The value of content-type. */
  readonly contentType: string;
  readonly pieces: readonly BodyPiece[];
}

type Content = string | Uint8Array;

/**
 * A form as multipart/form-data (RFC 7578), written as browsers do.
 * @param files bytes of each field that has a file, in their order.
 */
export function buildMultipart(fields: MultipartInput, files: readonly (Uint8Array | null)[]): MultipartBody {
  const contents = fields.map(({ value }, index) => value ?? files[index] ?? "");
  const boundary = boundaryFor(fields, contents);
  const pieces = fields.flatMap((field, index): readonly BodyPiece[] => {
    const content = contents[index]!;
    const head = `${index === 0 ? "" : "\r\n"}--${boundary}\r\n${headOf(field)}`;
    return [
      { template: head, encoding: "name" },
      typeof content === "string" ? { template: content, encoding: "none" } : content,
    ];
  });
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    pieces: [...pieces, { template: `\r\n--${boundary}--\r\n`, encoding: "none" }],
  };
}

/** The lines before a field's content, as a template. */
function headOf({ name, file, filename, type }: MultipartInput[number]): string {
  const called = filename ?? (file === undefined ? null : path.basename(file));
  const sentAs = type ?? (file === undefined ? null : contentTypeOf(file));
  return [
    `Content-Disposition: form-data; name="${quotedName(name)}"`,
    called === null ? "" : `; filename="${quotedName(called)}"`,
    sentAs === null ? "" : `\r\nContent-Type: ${sentAs}`,
    "\r\n\r\n",
  ].join("");
}

/**
 * The same for the same form, so it is the same in all requests of a run. It is in none of the contents that are known
 * before the run. A value that comes later has it once in 2^128.
 */
function boundaryFor(fields: MultipartInput, contents: readonly Content[]): string {
  const hash = createHash("sha256").update(JSON.stringify(fields));
  for (const content of contents) hash.update(content);
  const digest = hash.digest("hex");
  for (let at = 0; at + BOUNDARY_DIGITS <= digest.length; at += 1) {
    const boundary = `faultline-${digest.slice(at, at + BOUNDARY_DIGITS)}`;
    if (!contents.some((content) => holds(content, boundary))) return boundary;
  }
  throw new Error("a form holds all boundaries that it could have");
}

const BOUNDARY_DIGITS = 32;

function holds(content: Content, text: string): boolean {
  if (typeof content === "string") return content.includes(text);
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength).includes(text);
}
