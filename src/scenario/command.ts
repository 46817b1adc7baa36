/** What is wrong with a command's text, and where in it. */
export class CommandError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/**
 * Splits a command into program and arguments as a shell splits words: blanks separate, '…' keeps everything, "…"
 * and \ keep blanks. Nothing else of a shell's language works without a shell, so it is refused when it stands
 * outside of quotes. ${…} is kept as it is. Throws CommandError.
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
    const slot = /^\$?\$\{[^}]*\}/.exec(text.slice(at));
    if (slot) take(slot[0]);
    else if (/\s/.test(char)) {
      if (inWord) words.push(word);
      word = "";
      inWord = false;
      at += 1;
    } else if (char === "'") {
      const close = text.indexOf("'", at + 1);
      if (close < 0) throw new CommandError("a quote is opened here and never closed", at);
      take(text.slice(at + 1, close), close + 1 - at);
    } else if (char === '"') {
      const quoted = /^"((?:[^"\\]|\\[\s\S])*)"/.exec(text.slice(at));
      if (!quoted) throw new CommandError("a quote is opened here and never closed", at);
      take(quoted[1]!.replace(/\\(["\\$`])/g, "$1"), quoted[0].length);
    } else if (char === "\\") take(text.slice(at + 1, at + 2), 2);
    else if (/[|&;<>()`*?]/.test(char) || /^\$\w/.test(text.slice(at))) {
      throw new CommandError(`\`${char}\` works in a shell only`, at);
    } else take(char);
  }
  if (inWord) words.push(word);
  return words;
}
