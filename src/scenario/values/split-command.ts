import { OPEN, plainText, WHOLE_VALUE } from "./whole-value.js";

/** What is wrong with a command's text, and where in it. */
export class CommandError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Kept as they are: ${…}, also with a second $ before it, and a value that was put in. */
const AS_IT_IS = new RegExp(String.raw`^(?:\$?\$\{[^}]*\}|${WHOLE_VALUE})`);
const SINGLE_QUOTED = new RegExp(`^'((?:${WHOLE_VALUE}|[^'${OPEN}])*)'`);
const DOUBLE_QUOTED = new RegExp(
  String.raw`^"((?:${WHOLE_VALUE}|[^"\\${OPEN}]|\\(?:(?=${OPEN})|[^${OPEN}]))*)"`,
);
const WITHIN_DOUBLE_QUOTES = new RegExp(String.raw`${WHOLE_VALUE}|\\(["\\$${"`"}])`, "g");

/**
 * Splits a command into program and arguments as a shell splits words. Blanks separate, '…' keeps everything, "…" and \
 * keep blanks. The rest of a shell's language does not work without a shell, so it is refused outside of quotes. ${…}
 * and values that stay whole are kept as they are. @throws CommandError.
 */
export function splitCommand(text: string): readonly string[] {
  const words: string[] = [];
  let word = "";
  let inWord = false;
  let at = 0;
  const take = (piece: string, length = piece.length) => {
    word += piece;
    inWord = true;
    at += length;
  };
  while (at < text.length) {
    const char = text[at]!;
    const rest = text.slice(at);
    const kept = AS_IT_IS.exec(rest)?.[0];
    // As in a shell, an empty value is a word of its own only in quotes.
    if (kept !== undefined && plainText(kept) === "") at += kept.length;
    else if (kept !== undefined) take(kept);
    else if (/\s/.test(char)) {
      if (inWord) words.push(word);
      word = "";
      inWord = false;
      at += 1;
    } else if (char === "'") {
      const quoted = SINGLE_QUOTED.exec(rest);
      if (!quoted) throw new CommandError("a quote is opened here and never closed", at);
      take(quoted[1]!, quoted[0].length);
    } else if (char === '"') {
      const quoted = DOUBLE_QUOTED.exec(rest);
      if (!quoted) throw new CommandError("a quote is opened here and never closed", at);
      const asMeant = (match: string, escaped: string | undefined) => escaped ?? match;
      take(quoted[1]!.replace(WITHIN_DOUBLE_QUOTES, asMeant), quoted[0].length);
    } else if (char === "\\") {
      const next = AS_IT_IS.exec(rest.slice(1))?.[0] ?? rest.slice(1, 2);
      take(next, 1 + next.length);
    } else if (/[|&;<>()`*?]/.test(char) || /^\$\w/.test(rest)) {
      throw new CommandError(`\`${char}\` works in a shell only`, at);
    } else take(char);
  }
  if (inWord) words.push(word);
  return words.map(plainText);
}
