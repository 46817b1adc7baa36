import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from "node:zlib";
import { wholeOrSize } from "../../support/secrets/said.js";

/** Limit for what a body unpacks to: a small answer may stand for gigabytes. */
const LARGEST_UNPACKED_BYTES = 16 * 1024 * 1024;
/** More than anybody applies one after the other. */
const MOST_CODINGS = 4;
const LONGEST_NAME = 100;

const LIMIT = { maxOutputLength: LARGEST_UNPACKED_BYTES };

const UNPACK: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  gzip: (body) => gunzipSync(body, LIMIT),
  br: (body) => brotliDecompressSync(body, LIMIT),
  // Some servers leave out the frame that RFC 9110 asks for. Its first byte has 8 in its lower half.
  deflate: (body) => ((body[0]! & 0x0f) === 8 ? inflateSync(body, LIMIT) : inflateRawSync(body, LIMIT)),
  identity: (body) => body,
};

/**
 * The body without its content codings (RFC 9110, 8.4).
 * @param coding the value of the Content-Encoding header. null: there is none.
 * @throws Error whose message says what is wrong with it.
 */
export function unpack(body: Buffer, coding: string | null): Buffer {
  if (coding === null || body.length === 0) return body;
  const codings = coding
    .toLowerCase()
    .split(",")
    .map((name) => name.trim().replace(/^x-(?=gzip$)/, ""))
    .filter((name) => name !== "");
  if (codings.length > MOST_CODINGS) throw new Error(`a body with more than ${MOST_CODINGS} codings`);
  let unpacked = body;
  for (const name of codings.reverse()) {
    const one = Object.hasOwn(UNPACK, name) ? UNPACK[name] : undefined;
    if (one === undefined)
      throw new Error(`a body packed as ${wholeOrSize(name, LONGEST_NAME)}, which is not known here`);
    unpacked = unpackOne(unpacked, name, one);
  }
  return unpacked;
}

function unpackOne(body: Buffer, name: string, one: (body: Buffer) => Buffer): Buffer {
  try {
    return one(body);
  } catch (error) {
    // A RangeError of Node's own.
    const isTooLarge = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    throw new Error(
      isTooLarge
        ? `a body that unpacks to more than ${LARGEST_UNPACKED_BYTES / 1024 ** 2} MiB`
        : `a body that is no whole ${name}`,
      { cause: error },
    );
  }
}
