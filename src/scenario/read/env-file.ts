/** Why a file holds no environment. Without what stands in it: it may be a secret. */
export class EnvFileProblem extends Error {
  readonly help: string;

  constructor(message: string, help: string) {
    super(message);
    this.help = help;
  }
}

const BLANK = /[ \t]*(?:#[^\n]*)?(?:\n|$)/y;
const NAME = /[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=/y;
const QUOTE = /[ \t]*(?=['"])/y;
const SINGLE = /'([^']*)'/y;
const DOUBLE = /"((?:[^"\\]|\\[\s\S])*)"/y;
const REST_OF_LINE = /[^\n]*/y;
/** After a blank only: values such as colours and URLs hold a # themselves. */
const COMMENT = /[ \t]#.*$/;

const FORM = "Each line is NAME=value, with quotes around a value of several lines; # begins a comment.";

/**
 * Reads lines of NAME=value. 'quotes' keep everything; "quotes" know \n, \t, \" and \\. Nothing is put in for $NAME.
 * @throws EnvFileProblem.
 */
export function readEnvFile(text: string): Readonly<Record<string, string>> {
  const lines = text.replace(/^\ufeff/, "").replaceAll("\r\n", "\n");
  const values: Record<string, string> = {};
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(lines);
    if (found) at = pattern.lastIndex;
    return found;
  };
  while (at < lines.length) {
    const begin = at;
    if (take(BLANK)) continue;
    const name = take(NAME)?.[1];
    if (name === undefined) throw problem(lines, begin, "is not NAME=value");
    if (take(QUOTE)) {
      const value = take(SINGLE)?.[1] ?? escapesRead(take(DOUBLE)?.[1]);
      if (value === undefined) throw problem(lines, begin, "opens a quote that is never closed");
      values[name] = value;
      if (!take(BLANK)) throw problem(lines, at, "goes on after the value's closing quote");
    } else values[name] = (take(REST_OF_LINE)?.[0] ?? "").replace(COMMENT, "").trim();
  }
  return values;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\", $: "$" };

function escapesRead(text: string | undefined): string | undefined {
  return text?.replace(/\\([nrt"\\$])/g, (_, letter: string) => ESCAPES[letter] ?? letter);
}

function problem(text: string, at: number, what: string): EnvFileProblem {
  const line = text.slice(0, at).split("\n").length;
  return new EnvFileProblem(`line ${line} ${what}`, FORM);
}
