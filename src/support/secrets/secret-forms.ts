import { withoutUnseen } from "./text-views.js";

/** What to look for, once escapes have been undone. */
export interface SecretForm {
  readonly text: string;
  /** Whether capital and small letters are the same. */
  readonly ignoresCase: boolean;
  /** This many characters of base64 before and after it hold some bits of the secret, too. */
  readonly bitsBefore: 0 | 1;
  readonly bitsAfter: 0 | 1;
}

/** Shorter secrets are found only as they are written. In another case, their letters are words of their own. */
const CASELESS_FROM = 8;
/** A line of a longer secret that is shorter than this says nothing about it. */
const LEAST_LINE = 8;
/** A form with fewer characters is in many texts by accident. */
const LEAST_FORM = 4;

/** How a secret may look in a text, apart from the escapes that `viewsOf` undoes. */
export function formsOf(secret: string): readonly SecretForm[] {
  return partsOf(secret).flatMap((part) => [...written(part), ...inHex(part), ...inBase64(part)]);
}

/**
 * The secret, and each of its lines if it has several: a log shows line by line. The beginning that all keys share is
 * no secret.
 */
function partsOf(secret: string): readonly string[] {
  const lines = secret.split(/[\r\n]+/).map((line) => line.trim());
  const telling = lines.filter((line) => line.length >= LEAST_LINE && !/^-+(BEGIN|END) /.test(line));
  const trimmed = secret.trim();
  const parts = lines.length > 1 ? [secret, trimmed, ...telling] : [secret, trimmed];
  return [...new Set(parts)].filter((part) => part !== "");
}

function written(part: string): readonly SecretForm[] {
  const ignoresCase = part.length >= CASELESS_FROM;
  const texts = [
    part,
    withoutUnseen(part),
    // Forms write blanks like this.
    part.replaceAll(" ", "+"),
    part.replaceAll("'", "'\\''"),
    // Read in another encoding than it was written in.
    part.replace(/[^\0-\x7f]/gu, "\ufffd"),
    Buffer.from(part, "utf8").toString("latin1"),
  ];
  return [...new Set(texts)]
    .filter((text) => text === part || text.length >= LEAST_FORM)
    .map((text) => ({ text, ignoresCase, bitsBefore: 0, bitsAfter: 0 }));
}

function inHex(part: string): readonly SecretForm[] {
  const bytes = Buffer.from(part, "utf8")
    .toString("hex")
    .replace(/..(?=.)/g, "$& ");
  if (bytes.length < LEAST_LINE) return [];
  return ["", " ", ":"].map((between) => ({
    text: bytes.replaceAll(" ", between),
    ignoresCase: true,
    bitsBefore: 0,
    bitsAfter: 0,
  }));
}

/**
 * The characters of base64 that depend on the secret alone, whatever is before and after it. 0, 1 or 2 bytes before it
 * (counted in threes) shift it by 0, 8 or 16 bits against the characters of 6 bits.
 */
function inBase64(part: string): readonly SecretForm[] {
  const bytes = Buffer.from(part, "utf8");
  const forms: SecretForm[] = [];
  for (const before of [0, 1, 2]) {
    const shifted = Buffer.concat([Buffer.alloc(before), bytes]);
    const first = Math.ceil((before * 8) / 6);
    const end = Math.floor((shifted.length * 8) / 6);
    if (end - first < LEAST_FORM) continue;
    const bits = {
      ignoresCase: false,
      bitsBefore: before === 0 ? 0 : 1,
      bitsAfter: (shifted.length * 8) % 6 === 0 ? 0 : 1,
    } as const;
    const texts = [shifted.toString("base64"), shifted.toString("base64url")];
    for (const text of new Set(texts.map((text) => text.slice(first, end)))) forms.push({ text, ...bits });
  }
  return forms;
}
