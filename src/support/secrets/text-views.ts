/** A text as a reader sees it who undoes escapes, with the way back to where each character is in the original. */
export interface TextView {
  readonly text: string;
  /** Offset in the original of each character of `text`, and of its end. null: the same offsets. */
  readonly offsets: readonly number[] | null;
}

/** Escapes may be nested this deep: JSON within JSON within a URL. */
const MOST_LEVELS = 3;

/**
 * The text without what cannot be seen, then with one level of escapes after the other undone: percent-encoding, the
 * backslashes of JSON and of programming languages, HTML's references.
 */
export function viewsOf(original: string): readonly TextView[] {
  const views = [visible(original)];
  for (let level = 0; level < MOST_LEVELS; level += 1) {
    const last = views[level];
    const next = last && decoded(last);
    if (!next) break;
    views.push(next);
  }
  return views;
}

/** Terminal sequences, control characters but white space, and marks without width. They may be within a word. */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is left out
  /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/g;

export function withoutUnseen(text: string): string {
  return text.replace(UNSEEN, "");
}

function visible(original: string): TextView {
  return rewritten({ text: original, offsets: null }, UNSEEN, () => "") ?? { text: original, offsets: null };
}

/** One character's bytes, each written with `mark` before it. A byte that is part of no character stands alone. */
function bytesOfOne(mark: string): string {
  const next = String.raw`${mark}[89ab][\da-f]`;
  return [
    String.raw`${mark}[0-7][\da-f]`,
    String.raw`${mark}[cd][\da-f]${next}`,
    String.raw`${mark}e[\da-f](?:${next}){2}`,
    `${mark}f[0-7](?:${next}){3}`,
    String.raw`${mark}[\da-f]{2}`,
  ].join("|");
}

/** One escaped character at a time, so that a match begins and ends at its own place. */
const ESCAPE = new RegExp(
  [
    bytesOfOne("%"),
    bytesOfOne(String.raw`\\x`),
    String.raw`\\u\{[\da-f]{1,6}\}|\\u[\da-f]{4}|\\[nrtbf"'\\/]`,
    String.raw`&(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[\da-f]{1,6});`,
  ].join("|"),
  "gi",
);

/** @returns null when there is nothing to undo. */
function decoded(view: TextView): TextView | null {
  return rewritten(view, ESCAPE, decodedEscape);
}

const BACKSLASHED: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };
const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function decodedEscape(written: string): string {
  if (written.startsWith("%")) return utf8(written.replaceAll("%", ""));
  if (/^\\x/i.test(written)) return utf8(written.replace(/\\x/gi, ""));
  if (/^\\u/i.test(written)) return character(Number.parseInt(written.replace(/[\\u{}]/gi, ""), 16));
  if (written.startsWith("\\")) return BACKSLASHED[written.slice(1).toLowerCase()] ?? written.slice(1);
  const name = written.slice(1, -1).toLowerCase();
  if (name.startsWith("#x")) return character(Number.parseInt(name.slice(2), 16));
  if (name.startsWith("#")) return character(Number(name.slice(1)));
  return NAMED[name] ?? written;
}

function character(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
}

function utf8(hex: string): string {
  return Buffer.from(hex, "hex").toString("utf8");
}

/**
 * The view with each match replaced. A replacement's characters all have the place where its match begins. @returns
 * null when nothing matches.
 */
function rewritten(view: TextView, pattern: RegExp, replace: (match: string) => string): TextView | null {
  const { text } = view;
  if (text.search(pattern) < 0) return null;
  const offsetOf = (at: number) => (view.offsets ? (view.offsets[at] ?? 0) : at);
  const pieces: string[] = [];
  const offsets: number[] = [];
  const keep = (from: number, to: number) => {
    pieces.push(text.slice(from, to));
    for (let at = from; at < to; at += 1) offsets.push(offsetOf(at));
  };
  let done = 0;
  for (const match of text.matchAll(pattern)) {
    keep(done, match.index);
    const piece = replace(match[0]);
    pieces.push(piece);
    for (let at = 0; at < piece.length; at += 1) offsets.push(offsetOf(match.index));
    done = match.index + match[0].length;
  }
  keep(done, text.length);
  offsets.push(offsetOf(text.length));
  return { text: pieces.join(""), offsets };
}
